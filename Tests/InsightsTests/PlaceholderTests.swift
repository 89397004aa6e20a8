import Insights
import Testing

struct PlaceholderTests {
  @Test func `a descriptor is a value`() { #expect(ShotDescriptor() == ShotDescriptor()) }
}
