import Base
import Catalog
import Testing

@testable import Edge

struct RetentionTests {
  private static func kept(_ kind: Recording.Kind, _ to: Int, waits: Bool) -> EdgeRetention.Kept {
    var random = Seeded(UInt64(to))
    return EdgeRetention.Kept(
      id: ULID(milliseconds: to, using: &random), kind: kind, to: to, byteCount: 100, waits: waits)
  }

  @Test("Clips that are at the centre leave first, the oldest first, and what waits after all of these")
  func order() {
    let all = [
      Self.kept(.continuous, 1, waits: false), Self.kept(.clip, 2, waits: true), Self.kept(.clip, 5, waits: false),
      Self.kept(.clip, 4, waits: false), Self.kept(.continuous, 3, waits: true), Self.kept(.clip, 6, waits: true),
    ]
    func leaving(_ most: Int) -> [Int] {
      EdgeRetention.leaving(all, others: 50, fitting: most).map(\.to)
    }
    #expect(leaving(650) == [])
    #expect(leaving(649) == [4])
    #expect(leaving(450) == [4, 5])
    #expect(leaving(349) == [4, 5, 2, 6])
    #expect(leaving(0) == [4, 5, 2, 6, 1, 3], "what waits besides takes room, and does not leave")
  }
}
