import Base
import Features
import Foundation
import Insights
import TestKit
import Testing

/// What users of other programs reported of catalogues of pictures, made again small: the reports stand in docs/analysers.md.
@Suite(
  "Catalogue commands", .serialized, .ownThread,
  .enabled(if: TestData.isThere && FeatureEngine().isThere, "\(TestData.whyNot), or the library of features is not"))
struct CatalogueCommandTests {
  private let folder = TemporaryFolder()
  private static let pulled = Program.pull("mobilenet-v1-embedding").status == 0

  private func run(_ words: String..., catalogue: String = "cat") -> ShellResult {
    #expect(Self.pulled)
    return Program.run(["catalogue"] + words + ["--catalogue", folder.file(catalogue)], in: folder.path)
  }

  private func write(_ drawing: Drawing, _ name: String) throws {
    let path = folder.file(name)
    try FileManager.default.createDirectory(
      atPath: FileSystem.folder(of: path), withIntermediateDirectories: true)
    try FileSystem.write(drawing.bmp, to: path)
  }

  /// Two products with texture and one without.
  private func shelf() throws {
    try write(Drawing(240, 180, seed: 1, dots: 500), "shelf/cola/front.bmp")
    try write(Drawing(200, 200, seed: 2, dots: 500), "shelf/tea.bmp")
    try write(Drawing(160, 160) { _, _ in 200 }, "shelf/plain box/white.bmp")
  }

  private func found(_ picture: String) throws -> [[String: Any]] {
    let result = run("check", picture, "--json")
    #expect(result.status == 0)
    return try #require(result.json["products"] as? [[String: Any]])
  }

  @Test("a folder of folders and pictures becomes products by their names; what has no texture is told")
  func add() throws {
    try shelf()
    let added = run("add", "shelf", "--json")
    #expect(added.json["added"] as? [String] == ["cola", "plain-box", "tea"])
    #expect((added.json["notes"] as? [String])?.first?.contains("plain-box") == true)
    #expect(run("list", "--json").json["products"].map { ($0 as? [[String: Any]])?.count } == 3)
    #expect(run("add", "shelf").output.contains("3 were there already"))
  }

  @Test(
    "a catalogue of version 1 gets its thumbnails by adding the shelf again, and no pipeline is another one for that")
  func thumbnails() throws {
    try shelf()
    #expect(run("add", "shelf").status == 0)
    let store = CatalogueStore(folder.file("cat"))
    let made = try store.read()
    for example in made.products.flatMap(\.examples) {
      #expect(example.thumbnail.starts(with: [0xff, 0xd8]) && example.thumbnail.count < 16 << 10)
      let size = try #require(Size(ofJPEG: example.thumbnail))
      #expect(max(size.width, size.height) == Catalogue.thumbnailSide, "\(size)")
    }
    #expect(Size(ofJPEG: made["cola"]?.examples[0].thumbnail ?? []) == Size(width: 160, height: 120))
    try FileSystem.write(Array("products: {catalogue: cat}".utf8), to: folder.file("p.yaml"))
    func digest() -> String {
      Program.run(["pipeline", "check", folder.file("p.yaml"), "--json"], in: folder.path).output
    }
    let before = digest()
    try FileSystem.write(CatalogueFile.deciding(made), to: store.path)
    #expect(before.contains("sha256:") && digest() == before)
    #expect(run("list").status == 0 && run("add", "shelf").output.contains("3 were there already"))
    #expect(try store.read() == made)
    #expect(digest() == before)
  }

  @Test("a product in a larger picture is proven there, whether the picture is wide or high")
  func scene() throws {
    try shelf()
    #expect(run("add", "shelf").status == 0)
    let cola = Drawing(240, 180, seed: 1, dots: 500)
    try write(Drawing(1200, 240, seed: 50, dots: 100).with(cola, x: 700, y: 30), "wide.bmp")
    try write(Drawing(260, 900, seed: 51, dots: 100).with(cola, x: 10, y: 600), "high.bmp")
    let (wide, high) = (try found("wide.bmp"), try found("high.bmp"))
    #expect(wide.map { $0["productId"] as? String } == ["cola"] && high.map { $0["productId"] as? String } == ["cola"])
    let box = try #require(wide.first?["box"] as? [Double])
    #expect(abs(box[0] - 700.0 / 1200) < 0.01 && abs(box[2] - 0.2) < 0.01 && wide[0]["method"] as? String == "geometry")
  }

  @Test("a photograph that EXIF turns is what people see (btd/sharp-phash 1)")
  func exif() throws {
    try shelf()
    #expect(run("add", "shelf").status == 0)
    let cola = Drawing(240, 180, seed: 1, dots: 500)
    // Coded a quarter counterclockwise, and told to be turned clockwise.
    try write(Drawing(180, 240) { x, y in cola[239 - y, x] }, "coded.bmp")
    let made = shell(["ffmpeg", "-v", "error", "-i", folder.file("coded.bmp"), "-q:v", "2", folder.file("plain.jpg")])
    #expect(made.status == 0)
    var bytes = try FileSystem.read(folder.file("plain.jpg"))
    bytes.insert(contentsOf: Self.exif(orientation: 6), at: 2)
    try FileSystem.write(bytes, to: folder.file("turned.jpg"))
    let one = try #require(try found("turned.jpg").first)
    let quad = try #require(one["quad"] as? [[Double]])
    #expect(one["productId"] as? String == "cola" && abs(quad[0][0]) < 0.02 && abs(quad[0][1]) < 0.02)
  }

  /// Six seconds, five pictures each; the cola comes after one second and goes after three, the tea is there in the last two.
  private func film() throws -> String {
    let (cola, tea) = (Drawing(240, 180, seed: 1, dots: 500), Drawing(200, 200, seed: 2, dots: 500))
    for number in 0..<30 {
      var frame = Drawing(640, 360, seed: 80, dots: 300)
      if (5..<15).contains(number) { frame = frame.with(cola, x: 20 + 10 * number, y: 60) }
      if number >= 20 { frame = frame.with(tea, x: 400, y: 100) }
      try write(frame, String(format: "frames/%02d.bmp", number))
    }
    let made = shell([
      "ffmpeg", "-v", "error", "-framerate", "5", "-i", folder.file("frames/%02d.bmp"), "-c:v", "libx264", "-g", "6",
      "-bf", "2", "-pix_fmt", "yuv420p", folder.file("film.mp4"),
    ])
    try #require(made.status == 0, "\(made.errors)")
    return folder.file("film.mp4")
  }

  @Test("products of a film: when, where best, and the same however it is cut")
  func inFilm() throws {
    try shelf()
    #expect(run("add", "shelf").status == 0)
    let film = try film()
    try FileSystem.write(Array("products: {catalogue: cat}".utf8), to: folder.file("p.yaml"))
    func analyze(_ place: String, _ words: String...) throws -> Data {
      let told = Program.run(
        ["analyze", film, "--pipeline", folder.file("p.yaml"), "--output", folder.file(place), "--quiet"] + words,
        in: folder.path)
      try #require(told.status == 0, "\(told.errors)")
      return try Data(contentsOf: URL(filePath: folder.file("\(place)/insights.json")))
    }
    let one = try analyze("one")
    let told = try #require(try JSONSerialization.jsonObject(with: one) as? [String: Any])
    let report = try #require(told["products"] as? [String: Any])
    let products = try #require(report["products"] as? [[String: Any]])
    #expect(Set(products.compactMap { $0["productId"] as? String }) == ["cola", "tea"])
    let cola = try #require(products.first { $0["productId"] as? String == "cola" })
    let spans = try #require(cola["segments"] as? [[String: Double]])
    #expect(
      spans.count == 1 && spans[0]["start"] == 1 && spans[0]["end"] == 3 && cola["method"] as? String == "geometry")
    #expect((cola["best"] as? [[String: Any]])?.count == 3)
    #expect((report["catalogue"] as? String)?.hasPrefix("sha256:") == true)
    #expect(try analyze("three", "--workers", "3") == one)
    // Another catalogue is another pipeline.
    func digest() -> String { Program.run(["pipeline", "check", folder.file("p.yaml"), "--json"]).output }
    let before = digest()
    #expect(run("remove", "plain-box").status == 0)
    #expect(before.contains("sha256:") && digest() != before)
  }

  @Test("a film is not held against a catalogue that is gone, nor against another network's")
  func refusedFilm() throws {
    try write(Drawing(100, 100, seed: 9, dots: 300), "only.bmp")
    #expect(run("add", "only.bmp", "--resize", "letterbox").status == 0)
    try FileSystem.write(Array("products: {catalogue: cat}".utf8), to: folder.file("p.yaml"))
    let other = Program.run(["analyze", "only.bmp", "--pipeline", folder.file("p.yaml")], in: folder.path)
    #expect(other.status != 0 && other.errors.contains("was made with mobilenet-v1-embedding@sha256:"))
    try FileSystem.write(Array("products: {catalogue: gone}".utf8), to: folder.file("p.yaml"))
    let gone = Program.run(["analyze", "only.bmp", "--pipeline", folder.file("p.yaml")], in: folder.path)
    #expect(gone.status != 0 && gone.errors.contains("p.yaml:1:23: there is no catalogue in"))
  }

  @Test("mirrored it is no proof (qarmin/czkawka 1629, MathOnco/valis 184)")
  func mirrored() throws {
    try shelf()
    #expect(run("add", "shelf").status == 0)
    let cola = Drawing(240, 180, seed: 1, dots: 500)
    try write(Drawing(240, 180) { x, y in cola[239 - x, y] }, "mirrored.bmp")
    #expect(try found("mirrored.bmp").allSatisfy { $0["method"] as? String != "geometry" })
  }

  @Test("a highlight over a third of it leaves the rest")
  func glare() throws {
    try shelf()
    #expect(run("add", "shelf").status == 0)
    let cola = Drawing(240, 180, seed: 1, dots: 500)
    let bright = Drawing(240, 180) { x, y in
      (x - 80) * (x - 80) + (y - 60) * (y - 60) < 4500 ? 255 : UInt8(clamping: Int(cola[x, y]) + 40)
    }
    try write(Drawing(500, 400, seed: 60).with(bright, x: 100, y: 100), "glare.bmp")
    #expect(try found("glare.bmp").map { $0["productId"] as? String } == ["cola"])
  }

  @Test("transparent catalogue pictures are told of, since what is behind is not what people see (voc/voctomix 165)")
  func transparent() throws {
    try write(Drawing(120, 120, seed: 3, dots: 300), "a.bmp")
    let made = shell([
      "ffmpeg", "-v", "error", "-i", folder.file("a.bmp"), "-pix_fmt", "rgba", folder.file("clear.png"),
    ])
    #expect(made.status == 0)
    let added = run("add", "clear.png")
    #expect(added.status == 0 && added.errors.contains("transparent") && added.errors.contains("clear.png"))
  }

  @Test("one picture of two products is refused, and nothing is changed (rocwang/grocer-issues 122)")
  func twins() throws {
    try shelf()
    #expect(run("add", "shelf").status == 0)
    try write(Drawing(240, 180, seed: 1, dots: 500), "more/cola-light/front.bmp")
    try write(Drawing(100, 100, seed: 9, dots: 300), "more/new/front.bmp")
    let refused = run("add", "more")
    #expect(refused.status != 0 && refused.errors.contains("cola-light") && refused.errors.contains("product cola "))
    #expect(!run("list").output.contains("new"))
  }

  @Test("a broken picture among many is named, and nothing is changed")
  func broken() throws {
    try shelf()
    try FileSystem.write(Array("no picture".utf8), to: folder.file("shelf/cola/back.jpg"))
    let refused = run("add", "shelf")
    #expect(refused.status != 0 && refused.errors.contains("back.jpg"))
    #expect(run("list").errors.contains("catalogue add"))
  }

  @Test("an emptied catalogue is no dead end: it says so, and takes another network (langgenius/dify 12482)")
  func emptied() throws {
    try write(Drawing(100, 100, seed: 9, dots: 300), "only.bmp")
    #expect(run("add", "only.bmp").status == 0)
    #expect(run("remove", "only").status == 0)
    #expect(run("list").output.contains("catalogue add"))
    let check = run("check", "only.bmp")
    #expect(check.status != 0 && check.errors.contains("empty"))
    #expect(run("add", "only.bmp", "--resize", "letterbox").status == 0)
  }

  @Test("pictures seen by another network, or with other options, are refused (mick-gsk/drift 429)")
  func otherNetwork() throws {
    try write(Drawing(100, 100, seed: 9, dots: 300), "only.bmp")
    #expect(run("add", "only.bmp").status == 0)
    let other = run("check", "only.bmp", "--resize", "letterbox")
    #expect(other.status != 0 && other.errors.contains("was made with mobilenet-v1-embedding@sha256:"))
    #expect(run("add", "only.bmp", "--model", "line-inspector", catalogue: "new").errors.contains("embedding"))
  }

  @Test("a damaged catalogue is named and not overwritten")
  func damaged() throws {
    try write(Drawing(100, 100, seed: 9, dots: 300), "only.bmp")
    #expect(run("add", "only.bmp").status == 0)
    let path = folder.file("cat/" + CatalogueFile.name)
    let whole = try FileSystem.read(path)
    try FileSystem.write(Array(whole.dropLast(5)), to: path)
    for words in [["list"], ["check", "only.bmp"], ["add", "only.bmp"], ["remove", "only"]] {
      let result = Program.run(["catalogue"] + words + ["--catalogue", folder.file("cat")], in: folder.path)
      #expect(result.status != 0 && result.errors.contains("products.ridley"))
    }
    #expect(try FileSystem.byteCount(of: path) == whole.count - 5)
  }

  @Test("photographs from life in 'examples' prove nothing: what else is on the shelf would be taken for the product")
  func examples() throws {
    try shelf()
    let tea = Drawing(200, 200, seed: 2, dots: 500)
    try write(Drawing(500, 400, seed: 70).with(tea, x: 20, y: 20), "shelf/cola/examples/shop.bmp")
    #expect(run("add", "shelf").status == 0)
    try write(Drawing(400, 300, seed: 71).with(tea, x: 50, y: 50), "tea-seen.bmp")
    #expect(try found("tea-seen.bmp").map { $0["productId"] as? String } == ["tea"])
  }

  @Test("words that make no sense are refused with a way out")
  func words() throws {
    try write(Drawing(100, 100, seed: 9, dots: 300), "only.bmp")
    #expect(run("add", "only.bmp", "--brand", "Acme").errors.contains("--id"))
    #expect(run("add", "nowhere").errors.contains("nowhere"))
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    #expect(run("add", "empty").errors.contains("one a product"))
    #expect(run("list", catalogue: "none").errors.contains("catalogue add"))
    #expect(run("add", "only.bmp", "--id", "a/b").errors.contains("no id"))
  }

  /// The segment of a JPEG that says how it is turned (TIFF, big-endian, one entry).
  private static func exif(orientation: UInt8) -> [UInt8] {
    let tiff: [UInt8] =
      [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1] + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0] + [0, 0, 0, 0]
    let body = Array("Exif".utf8) + [0, 0] + tiff
    return [0xff, 0xe1, 0, UInt8(body.count + 2)] + body
  }
}

extension Drawing {
  /// As a file: 24 bits a pixel, rows from below, each of whole words.
  var bmp: [UInt8] {
    let stride = (size.width * 3 + 3) / 4 * 4
    func words(_ values: [Int]) -> [UInt8] {
      values.flatMap { value in (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
    }
    var bytes = Array("BM".utf8) + words([54 + stride * size.height, 0, 54, 40, size.width, size.height])
    bytes += [1, 0, 24, 0] + words([0, stride * size.height, 2835, 2835, 0, 0])
    for y in (0..<size.height).reversed() {
      for x in 0..<size.width { bytes += [self[x, y], self[x, y], self[x, y]] }
      bytes += [UInt8](repeating: 0, count: stride - size.width * 3)
    }
    return bytes
  }
}
