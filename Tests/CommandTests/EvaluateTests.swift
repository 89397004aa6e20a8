import Foundation
import TestKit
import Testing

/// `ridley model evaluate` as a whole program, with networks that answer what was planted in pictures.
@Suite(.timeLimit(.minutes(20)))
struct EvaluateTests {
  private let folder = TemporaryFolder()

  private func run(_ words: String...) -> ShellResult {
    Program.run(["model"] + words, in: folder.path, environment: ["RIDLEY_CACHE": folder.file("cache")])
  }

  private func write(_ data: Data, _ path: String) throws {
    let place = URL(filePath: folder.file(path))
    try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: place)
  }

  private func write(json: Any, _ path: String) throws {
    try write(try JSONSerialization.data(withJSONObject: json), path)
  }

  /// Two pictures: red and green are seen on the first, blue on the second, and a red that is not there.
  private func truth(more: [[String: Any]] = [], images extra: [[String: Any]] = []) throws {
    try write(PlantedDetector.picture(200, 150, 0), "images/a.bmp")
    try write(PlantedDetector.picture(100, 0, 230), "images/Bücher 1.bmp")
    let box = { (place: Int) in
      let sides = PlantedDetector.boxes[place]
      return [sides[0] * 64, sides[1] * 48, sides[2] * 64, sides[3] * 48]
    }
    let images: [[String: Any]] = [
      ["id": 0, "file_name": "C:\\set\\a.bmp", "width": 64, "height": 48, "camera": "left"],
      ["id": "b", "file_name": "Bücher 1.bmp".decomposedStringWithCanonicalMapping, "camera": "right"],
    ]
    let annotations: [[String: Any]] = [
      ["id": 0, "image_id": 0, "category_id": 1, "bbox": box(0)],
      ["id": 1, "image_id": 0, "category_id": 2, "bbox": box(1), "iscrowd": 0],
      ["id": 2, "image_id": "b", "category_id": 3, "bbox": box(2)],
    ]
    try write(
      json: [
        "images": images + extra, "annotations": annotations + more,
        "categories": [["id": 1, "name": "red"], ["id": 2, "name": "green"], ["id": 3, "name": "azul"]],
      ], "truth.json")
  }

  @Test("Boxes: what the model lacks is said and not counted; --map gives it its name; figures by label and slice")
  func boxes() throws {
    try PlantedDetector.write(to: folder.file("m/planted"))
    try truth()
    let words = ["m/planted", "--truth", "truth.json", "--images", "images", "--json"]
    let unmapped = Program.run(
      ["model", "evaluate"] + words, in: folder.path, environment: ["RIDLEY_CACHE": folder.file("cache")])
    #expect(unmapped.status == 0, "\(unmapped.output)\(unmapped.errors)")
    let notes = try #require(unmapped.json["notes"] as? [String])
    #expect(notes.contains { $0.contains("'azul'") && $0.contains("--map") }, "\(notes)")
    #expect(notes.contains { $0.contains("1 answers with labels that the truth does not have: blue") }, "\(notes)")
    #expect(unmapped.json["objects"] as? Int == 2)
    let mapped = run(
      "evaluate", "m/planted", "--truth", "truth.json", "--images", "images", "--map", "azul=blue", "--slice", "camera",
      "--json")
    #expect(mapped.status == 0 && (mapped.json["notes"] as? [String])?.isEmpty == true, "\(mapped)")
    // Red of the second picture is wrong, and comes after the right one: all recalls were reached before.
    #expect(mapped.json["ap"] as? Double == 1 && mapped.json["objects"] as? Int == 3)
    let labels = try #require(mapped.json["labels"] as? [[String: Any]])
    #expect(labels.map { $0["wrong"] as? Int } == [1, 0, 0] && labels.map { $0["right"] as? Int } == [1, 1, 1])
    let slices = try #require(mapped.json["slices"] as? [[String: Any]])
    #expect(slices.map { $0["slice"] as? String } == ["left", "right"])
    #expect((mapped.json["truth_digest"] as? String)?.hasPrefix("sha256:") == true)
    let text = run("evaluate", "m/planted", "--truth", "truth.json", "--images", "images", "--map", "azul=blue")
    #expect(text.output.contains("AP50") && text.output.contains("background for red 1"), "\(text)")
    let unknown = run("evaluate", "m/planted", "--truth", "truth.json", "--images", "images", "--map", "asul=blue")
    #expect(unknown.status == 4 && unknown.errors.contains("did you mean 'azul'?"), "\(unknown)")
  }

  @Test("Pictures that are missing, damaged or of another shape are told and not counted, and the code says so")
  func missing() throws {
    try PlantedDetector.write(to: folder.file("m/planted"))
    try truth(images: [
      ["id": 7, "file_name": "gone.bmp"], ["id": 8, "file_name": "broken.bmp"],
      ["id": 9, "file_name": "a.bmp", "width": 48, "height": 48],
    ])
    try write(Data("BM nonsense".utf8), "images/broken.bmp")
    let result = run("evaluate", "m/planted", "--truth", "truth.json", "--images", "images", "--json")
    #expect(result.status == 9, "\(result)")
    let failures = try #require(result.json["failures"] as? [[String: Any]])
    #expect(failures.compactMap { $0["file"] as? String }.sorted() == ["a.bmp", "broken.bmp", "gone.bmp"])
    #expect(result.json["pictures"] as? Int == 2)
    let none = run("evaluate", "m/planted", "--truth", "truth.json", "--images", "m")
    #expect(none.status == 3 && none.errors.contains("--images"), "\(none)")
  }

  @Test("A picture that is turned by its EXIF mark fits a truth of either way of looking at it")
  func turned() throws {
    try PlantedDetector.write(to: folder.file("m/planted"))
    // Stored 64 by 48, shown 48 by 64, turned clockwise by a quarter.
    let jpeg = folder.file("images/t.jpg")
    try write(PlantedDetector.picture(200, 150, 0), "images/plain.bmp")
    _ = shell(["ffmpeg", "-v", "error", "-y", "-i", folder.file("images/plain.bmp"), "-q:v", "1", jpeg])
    let bytes = try #require(FileManager.default.contents(atPath: jpeg))
    let exif = Data(
      [0xFF, 0xE1, 0, 34] + Array("Exif\0\0MM\0*\0\0\0\u{8}".utf8)
        + [0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0])
    try write(bytes.prefix(2) + exif + bytes.dropFirst(2), "images/t.jpg")
    let upright: [Double] = [0, 0, 12, 16]
    // The same corner of the upright picture lies at the left bottom of the stored one.
    let stored: [Double] = [0, 36, 16, 12]
    for (box, size) in [(upright, [48, 64]), (stored, [64, 48])] {
      try write(
        json: [
          "images": [["id": 1, "file_name": "t.jpg", "width": size[0], "height": size[1]]],
          "annotations": [["id": 1, "image_id": 1, "category_id": 1, "bbox": box]],
          "categories": [["id": 1, "name": "red"]],
        ], "turned.json")
      let result = run("evaluate", "m/planted", "--truth", "turned.json", "--images", "images", "--json")
      #expect(result.status == 0 && result.json["ap"] as? Double == 1, "\(size): \(result)")
      let isTold = (result.json["notes"] as? [String])?.contains { $0.contains("were turned") }
      #expect(isTold == (size[0] == 64))
    }
  }

  @Test("What is most doubtful is written with its pictures, the worst first, and is a truth again")
  func doubtful() throws {
    try PlantedDetector.write(to: folder.file("m/planted"))
    try truth()
    let result = run(
      "evaluate", "m/planted", "--truth", "truth.json", "--images", "images", "--map", "azul=blue", "--doubtful", "1",
      "--out", "doubt")
    #expect(result.status == 0, "\(result)")
    let text = try Data(contentsOf: URL(filePath: folder.file("doubt/annotations.json")))
    let json = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    let images = try #require(json["images"] as? [[String: Any]])
    #expect(images.map { $0["file_name"] as? String } == ["images/a.bmp"], "less sure of two than wrong of one")
    #expect((json["annotations"] as? [[String: Any]])?.allSatisfy { $0["score"] is Double } == true)
    let again = run("evaluate", "m/planted", "--truth", "doubt/annotations.json", "--json")
    #expect(again.status == 0 && again.json["ap"] as? Double == 1, "\(again)")
    let refused = run("evaluate", "m/planted", "--truth", "truth.json", "--doubtful", "1", "--out", "doubt")
    #expect(refused.status == 2 && refused.errors.contains("new folder"), "\(refused)")
  }

  @Test("Classes of folders and of tables: shares, slices, calibration, labels that the model lacks")
  func classes() throws {
    try PlantedDetector.writeClassifier(to: folder.file("m/colours"))
    try write(PlantedDetector.picture(230, 0, 0), "parts/red/a.bmp")
    try write(PlantedDetector.picture(120, 140, 0), "parts/red/night/b.bmp")
    try write(PlantedDetector.picture(0, 230, 0), "parts/green/c.bmp")
    try write(PlantedDetector.picture(0, 230, 0), "parts/mauve/d.bmp")
    let result = run("evaluate", "m/colours", "--truth", "parts", "--slice", "folder", "--json")
    #expect(result.status == 0, "\(result)")
    #expect(abs((result.json["top1"] as? Double ?? 0) - 2.0 / 3) < 1e-5 && result.json["top5"] as? Double == 1)
    #expect(result.json["brier"] is Double)
    #expect((result.json["notes"] as? [String])?.contains { $0.contains("mauve") } == true, "\(result)")
    #expect((result.json["slices"] as? [[String: Any]])?.count == 1)
    let table = "\u{FEFF}file;label;place\r\nred/a.bmp;red;x\r\nred/night/b.bmp;green;y\r\n"
    try write(Data(table.utf8), "parts/labels.csv")
    let other = run("evaluate", "m/colours", "--truth", "parts/labels.csv", "--slice", "place", "--json")
    #expect(other.status == 0 && other.json["top1"] as? Double == 1, "\(other)")
    let wrong = run("evaluate", "m/colours", "--truth", "parts/labels.csv", "--slice", "plce")
    #expect(wrong.status == 4 && wrong.errors.contains("did you mean 'place'?"), "\(wrong)")
    try PlantedDetector.write(to: folder.file("m/planted"))
    let task = run("evaluate", "m/planted", "--truth", "parts")
    #expect(task.status == 5 && task.errors.contains("is for detection"), "\(task)")
  }

  @Test("Figures of a registry's version are kept with it, with who and of what, and listed")
  func kept() throws {
    try PlantedDetector.writeClassifier(to: folder.file("m/colours"))
    try write(PlantedDetector.picture(230, 0, 0), "parts/red/a.bmp")
    #expect(run("publish", "m/colours", "--library", "lib").status == 0)
    let result = run(
      "evaluate", "colours@1", "--truth", "parts", "--library", "lib", "--by", "ann", "--json")
    #expect(result.status == 0, "\(result)")
    let id = try #require(result.json["kept"] as? String)
    let list = run("evaluations", "colours", "--library", "lib", "--json")
    let kept = try #require((list.json["results"] as? [[String: Any]])?.first)
    #expect(kept["by"] as? String == "ann" && kept["version"] as? Int == 1 && kept["kind"] as? String == "evaluation")
    #expect((kept["summary"] as? [String: Any])?["top1"] as? Double == 1)
    let shown = run("evaluations", "colours", "--library", "lib", "--show", id)
    #expect(shown.json["truth_digest"] is String && shown.json["confusion"] is [Any], "\(shown)")
    #expect(run("evaluations", "colours", "--library", "lib").output.contains("top1 1"))
    #expect(run("show", "colours", "1", "--library", "lib").output.contains("top1=1"))
    #expect(run("evaluate", "colours@9", "--truth", "parts", "--library", "lib").status == 3)
    // What is kept needs its object: a collection leaves it.
    let verified = Program.run(["library", "verify", "--library", "lib", "--bytes"], in: folder.path)
    #expect(verified.status == 0, "\(verified)")
  }
}
