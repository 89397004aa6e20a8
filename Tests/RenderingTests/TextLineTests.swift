import Base
import Predictions
import Testing

@testable import Rendering

@Suite("Letters")
struct TextLineTests {
  private static let size = Size(width: 160, height: 24)
  static let isFontThere = Typeface.installed != nil
  static let whyNot: Comment = "there is no font on this machine: install fonts-dejavu-core"

  private func forbidden() -> Typeface? { fatalError("a font was asked for") }

  /// White on black.
  private func drawn(_ text: String, x: Int = 0, y: Int = 0, scale: Int = 1, typeface: Typeface? = .installed) -> Canvas
  {
    var canvas = Canvas(pixels: [UInt8](repeating: 0, count: Self.size.area * 3), size: Self.size)
    let line = TextLine(text, limit: 20, scale: scale, typeface: typeface)
    canvas.text(line, x: x, y: y, scale: scale, Palette.Color.white)
    return canvas
  }

  /// The red of one place of the grid, row by row.
  private func place(_ number: Int, of canvas: Canvas) -> [UInt8] {
    (0..<Font.height).flatMap { row in
      (0..<Font.width).map { column in canvas.pixels[(row * Self.size.width + number * Font.width + column) * 3] }
    }
  }

  private func words(_ text: String, limit: Int) -> String {
    let line = TextLine(text, limit: limit, scale: 1, typeface: nil)
    #expect(line.cells == line.letters.count && line.cells <= limit)
    return String(
      decoding: line.letters.map { letter -> UInt8 in if case .ascii(let byte) = letter { byte } else { 0 } },
      as: UTF8.self)
  }

  @Test("A text that is too long ends in dots, and without a font what is not ASCII is a question mark")
  func plain() {
    #expect(words("retriever", limit: 9) == "retriever" && words("retriever", limit: 8) == "retrie..")
    #expect(words("retriever", limit: 2) == "r." && words("retriever", limit: 1) == "r")
    #expect(words("retriever", limit: 0).isEmpty && words("", limit: 5).isEmpty)
    #expect(words("Straße 🦊\t", limit: 20) == "Stra?e ??")
  }

  @Test("ASCII asks for no font of the machine, and has no grey levels")
  func ascii() {
    let line = TextLine("car #17 0.80", limit: 20, scale: 2, typeface: forbidden())
    #expect(line.cells == 12)
    #expect(Set(drawn("car #17 0.80~").pixels) == [0, 255])
  }

  @Test(
    "Names in ASCII are drawn on every machine as they always were",
    arguments: [(160, 120, 2_156_238_047_162_049_010 as UInt64), (1280, 1080, 2_495_816_759_251_110_513)])
  func golden(width: Int, height: Int, digest: UInt64) {
    let size = Size(width: width, height: height)
    var pixels = [UInt8](repeating: 128, count: size.area * 3)
    let box = Rect(x: 0.1, y: 0.4, width: 0.8, height: 0.5)
    var part = Prediction(kind: .detection, label: "good part, ~{42}", score: 0.5, box: box)
    part.track = 7
    let labels = (0..<10).map { Prediction(kind: .classification, label: "label \($0)", score: 0.25) }
    Drawing.draw([part] + labels, on: &pixels, size: size)
    // FNV-1a.
    #expect(pixels.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } == digest)
  }

  @Test(
    "Letters beyond ASCII are drawn from a font, in places of the same grid",
    .enabled(if: TextLineTests.isFontThere, TextLineTests.whyNot))
  func beyond() {
    let unknown = place(0, of: drawn("?"))
    for letter in ["é", "ß", "Ж", "猫", "€"] {
      let canvas = drawn("a\(letter)b")
      #expect(place(0, of: canvas) == place(0, of: drawn("a")))
      let shape = place(1, of: canvas)
      #expect(shape != unknown && shape.contains { $0 > 100 }, "\(letter) is there")
    }
    #expect(place(1, of: drawn("aéb")).contains { 1..<255 ~= $0 }, "outlines have grey levels")
    #expect(place(1, of: drawn("aéb")) != place(1, of: drawn("aeb")))
    #expect(place(2, of: drawn("aéb")) == place(1, of: drawn("ab")))
    let word = TextLine("Straße", limit: 20, scale: 1)
    #expect(word.cells == 6 && word.letters.count == 6)
  }

  @Test(
    "A letter that no font has is a box, and a text with wide ones is cut to its places",
    .enabled(if: TextLineTests.isFontThere, TextLineTests.whyNot))
  func box() {
    let box = TextLine("\u{10FFFD}", limit: 20, scale: 1)
    #expect(box.letters.count == 1 && (1...2).contains(box.cells))
    #expect(place(0, of: drawn("\u{10FFFD}")).contains { $0 > 100 })
    for limit in 0..<12 { #expect(TextLine("猫と é\u{10FFFD}Ж犬が好き", limit: limit, scale: 2).cells <= limit) }
  }

  @Test(
    "Letters at and beyond the edges of a picture leave the rest alone",
    .enabled(if: TextLineTests.isFontThere, TextLineTests.whyNot))
  func edges() {
    for (x, y) in [(-4, -8), (156, 20), (-900, 3), (3, 900), (158, -15)] {
      for scale in [1, 3] { #expect(drawn("éß猫", x: x, y: y, scale: scale).pixels.count == Self.size.area * 3) }
    }
    #expect(!drawn("éß猫", x: -900).pixels.contains { $0 > 0 })
  }

  @Test("A file that is no font is passed over")
  func noFont() {
    #expect(Typeface(["/dev/null", #filePath, "/nowhere/font.ttf"]) == nil && Typeface([]) == nil)
    #expect(Typeface.files(in: ["/nowhere"]).isEmpty)
  }
}
