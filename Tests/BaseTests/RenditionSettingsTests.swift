import Base
import Testing

struct RenditionSettingsTests {
  @Test(arguments: [
    ("360p", 360, nil, "360p"), ("360", 360, nil, "360p"), ("240p@5", 240, 5.0, "240p@5"),
    ("90@12.5", 90, 12.5, "90p@12.5"), ("16p@0.01", 16, 0.01, "16p@0.01"), ("4320p@1000", 4320, 1000, "4320p@1000"),
  ])
  func `what is written is read, and has one spelling`(_ case: (text: String, height: Int, fps: Double?, one: String))
    throws
  {
    let settings = try #require(RenditionSettings(parsing: `case`.text))
    #expect(settings.height == `case`.height && settings.fps == `case`.fps && settings.text == `case`.one)
    #expect(RenditionSettings(parsing: settings.text) == settings)
  }

  @Test(arguments: [
    "", "p", "@", "360p@", "360p@0", "15p", "4321p", "360p@5@5", "-360p", "360pp", "360p@nan", "360p@1001",
  ])
  func `nothing else is taken`(_ text: String) { #expect(RenditionSettings(parsing: text) == nil) }

  @Test func `a film is taken as it is where it has no more lines and no more frames`() {
    let (size, rate) = (Size(width: 640, height: 360), Ratio(25, 1))
    func isLighter(_ text: String, _ rate: Ratio) -> Bool {
      RenditionSettings(parsing: text)!.isLighter(than: size, rate: rate)
    }
    #expect(isLighter("359p", rate) && !isLighter("360p", rate) && !isLighter("2160p", rate))
    #expect(isLighter("360p@24", rate) && !isLighter("360p@25", rate))
    #expect(isLighter("360p@1000", Ratio(0, 0)) && !isLighter("360p", Ratio(0, 0)), "a rate that is not known")
  }
}
