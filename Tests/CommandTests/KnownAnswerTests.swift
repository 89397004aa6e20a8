import Foundation
import TestKit
import Testing

/// What is known of the pictures of the data folder must come out of `ridley analyze --json`.
@Suite(.enabled(if: TestData.isThere, "\(TestData.whyNot)"), .serialized, .ownThread)
struct KnownAnswerTests {
  static let pictures = "openvinotoolkit+model_server/demos/common/static/images/"
  let folder = TemporaryFolder()

  private func analyze(_ file: String, _ model: String, _ more: [String] = []) throws -> [[String: Any]] {
    let isFile = model.contains("/")
    if !isFile { #expect(Program.pull(model).status == 0) }
    let path = file.hasPrefix("/") ? file : TestData.path(file)
    let result = Program.run(
      [
        "analyze", path, "--model", isFile ? TestData.path(model) : model, "--json", "--force", "--output",
        folder.file("out"),
      ]
        + more)
    #expect(result.status == 0, "\(result.errors)")
    let files = try #require(result.json["files"] as? [[String: Any]])
    return try #require(files.first?["predictions"] as? [[String: Any]])
  }

  private func best(_ predictions: [[String: Any]]) -> (label: String, score: Double) {
    (predictions.first?["label"] as? String ?? "", predictions.first?["score"] as? Double ?? 0)
  }

  @Test(
    "Classifiers name what is in the picture",
    arguments: [
      ("google-coral+test_data/grace_hopper.bmp", "mobilenet-v2", "military uniform"),
      ("google-coral+test_data/parrot.jpg", "mobilenet-v2", "macaw"),
      ("google-coral+test_data/parrot.jpg", "mobilenet-v1-025-128", "macaw"),
      (
        "tensorflow+tflite-support/tensorflow_lite_support/cc/test/testdata/task/vision/burger.jpg",
        "mobilenet-v1-025-224", "cheeseburger"
      ),
      ("google-coral+test_data/mnist_nine.bmp", "mnist", "9"),
      ("google-coral+test_data/mnist_nine.bmp", "mnist-conv", "9"),
    ])
  func classification(_ picture: String, _ model: String, _ label: String) throws {
    #expect(best(try analyze(picture, model)).label == label)
  }

  @Test("The seven-segment reader reads 57 of 58 digits or more")
  func digits() throws {
    #expect(Program.pull("seven-segment").status == 0)
    let pattern = TestData.path("Kazuhito00+7segment-display-reader/01.dataset/*/*.jpg")
    let result = Program.run(
      ["analyze", pattern, "--model", "seven-segment", "--json", "--output", folder.file("out")])
    let files = try #require(result.json["files"] as? [[String: Any]])
    #expect(files.count == 58)
    let right = files.filter { file in
      let name = (file["file"] as! String).split(separator: "/").dropLast().last!
      let wanted = name == "11" ? "blank" : String(Int(name)!)
      return best(file["predictions"] as? [[String: Any]] ?? []).label == wanted
    }
    #expect(right.count >= 57)
  }

  @Test("Detectors find the dog and the zebra", arguments: ["yolox-nano", "yolox-nano-fp16", "yolox-nano-int8"])
  func animals(_ model: String) throws {
    let dog = try analyze(Self.pictures + "coco.jpg", model).first { $0["label"] as? String == "dog" }
    let zebra = try analyze(Self.pictures + "zebra.jpeg", model).first { $0["label"] as? String == "zebra" }
    let slack = model.hasSuffix("int8") ? 0.1 : 0.02
    #expect(abs((dog?["score"] as? Double ?? 0) - 0.88) < slack)
    #expect(abs((zebra?["score"] as? Double ?? 0) - 0.97) < slack)
  }

  @Test("A finished detector of TensorFlow Lite finds the cats and the dog, by its name and as a bare file")
  func finishedDetector() throws {
    let picture = "tensorflow+tflite-support/tensorflow_lite_support/cc/test/testdata/task/vision/cats_and_dogs.jpg"
    let files =
      "tensorflow+tflite-support/tensorflow_lite_support/metadata/python/tests/testdata/object_detector/"
    let named = try analyze(picture, "ssd-mobilenet-v1")
    let bare = try analyze(
      picture, files + "ssd_mobilenet_v1.tflite",
      ["--labels", TestData.path(files + "labelmap.txt"), "--threshold", "0.3"])
    for found in [named, bare] {
      let labels = found.compactMap { $0["label"] as? String }
      #expect(labels.filter { $0 == "cat" }.count >= 4 && labels.filter { $0 == "dog" }.count >= 2, "\(labels)")
      #expect(abs(best(found).score - 0.67) < 0.05 && best(found).label == "cat")
    }
    #expect(named.count == bare.count)
  }

  @Test(
    "Face detectors find the ten faces of the group, each once",
    arguments: ["ultraface-rfb-320", "ultraface-slim-320", "yunet"])
  func faces(_ model: String) throws {
    #expect(try analyze(Self.pictures + "people/people1.jpeg", model).count == 10)
  }

  @Test("The person detector finds people, the mask detector finds no mask")
  func people() throws {
    let people = try analyze(Self.pictures + "people/people1.jpeg", "person-detector")
    #expect((8...12).contains(people.count))
    let face = try analyze("google-coral+test_data/face.jpg", "face-mask")
    #expect(best(face).label == "no-mask")
    #expect(best(face).score > 0.99)
  }

  /// Every twelfth frame, looked at by a person.
  ///
  /// The camera looks straight down, and this network, in its reference runtime
  /// too, calls a car from above a cell phone: what is tested is that the thing is found and where.
  @Test(
    "The cars on the car park are boxed in the frames where a person sees them, and nothing large where there are none")
  func cars() throws {
    let found = try analyze(
      "intel-iot-devkit+sample-videos/car-detection.mp4", "yolox-nano", ["--threshold", "0.1", "--every", "480ms"])
    // Twelve frames of 12.5 a second are 960 ms: every other of these is one of the sheet.
    var largest: [Int: Double] = [:]
    for prediction in found {
      let box = try #require(prediction["box"] as? [Double])
      largest[prediction["frame"] as! Int, default: 0] = max(
        largest[prediction["frame"] as! Int, default: 0], box[2] * box[3])
    }
    for frame in [72, 84, 96, 192, 204, 216, 228, 324, 336] {
      #expect(largest[frame, default: 0] > 0.03, "frame \(frame)")
    }
    for frame in [0, 24, 120, 144, 168, 252, 276, 300, 372] {
      #expect(largest[frame, default: 0] < 0.01, "frame \(frame)")
    }
  }

  @Test("The bird's mask overlaps the hand-made one by .80 or more")
  func mask() throws {
    let found = try analyze("google-coral+test_data/bird_segmentation.bmp", "deeplab-v3-pascal")
    let bird = try #require(found.first { $0["label"] as? String == "bird" }?["mask"] as? [String: Any])
    let size = try #require(bird["size"] as? [Int])
    let runs = try #require(bird["counts"] as? [Int])
    var ours = [Bool](repeating: false, count: size[0] * size[1])
    var (position, inside) = (0, false)
    for run in runs {
      if inside { for at in position..<position + run { ours[at % size[0] * size[1] + at / size[0]] = true } }
      (position, inside) = (position + run, !inside)
    }
    let raw = folder.file("mask.gray")
    _ = shell([
      "ffmpeg", "-v", "error", "-i", TestData.path("google-coral+test_data/bird_segmentation_mask.bmp"), "-vf",
      "scale=\(size[1]):\(size[0]):flags=neighbor", "-pix_fmt", "gray", "-f", "rawvideo", raw,
    ])
    let theirs = try #require(FileManager.default.contents(atPath: raw)).map { $0 > 0 }
    try #require(theirs.count == ours.count)
    let both = zip(ours, theirs).filter { $0 && $1 }.count
    let either = zip(ours, theirs).filter { $0 || $1 }.count
    #expect(Double(both) / Double(either) >= 0.8)
  }

  @Test("The squatting person's joints stand within .03 of the reference")
  func pose() throws {
    let found = try analyze("google-coral+test_data/squat.bmp", "movenet-lightning")
    let points = try #require(found.first?["points"] as? [[String: Any]])
    let path = TestData.path("google-coral+test_data/movenet_single_pose_lightning_ptq_reference.csv")
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
    try #require(rows.count == points.count)
    for (row, point) in zip(rows, points) {
      let cells = row.split(separator: ",").map { Double($0)! }
      #expect(abs((point["x"] as! Double) - cells[4]) < 0.03)
      #expect(abs((point["y"] as! Double) - cells[5]) < 0.03)
    }
  }

  @Test("The centre of attention stands where the original network puts it")
  func saliency() throws {
    let found = try analyze(
      "google+attention-center/assets/white_eyes_bee.jpg", "_converted/attention_center.xml",
      ["--task", "saliency", "--decoder", "point", "--normalize", "unit"])
    let points = try #require(found.first?["points"] as? [[String: Any]])
    // LiteRT on the original network: 336.5, 190.6 of 640x480.
    #expect(abs((points[0]["x"] as! Double) - 336.5 / 640) < 0.01)
    #expect(abs((points[0]["y"] as! Double) - 190.6 / 480) < 0.01)
  }

  @Test("The reader reads a line of text cut out of a picture")
  func text() throws {
    let line = folder.file("line.png")
    _ = shell([
      "ffmpeg", "-v", "error", "-i", TestData.path("Kazuhito00+PaddleOCR-ONNX-Sample/sample.jpg"), "-vf",
      "crop=192:28:512:329", line,
    ])
    let found = try analyze(line, "paddleocr-en-rec")
    let text = try #require(found.first?["text"] as? String)
    #expect(text == "Japan Tourism Agency")
  }

  @Test("Embeddings have the length the network gives, and one network in four formats gives one answer")
  func formats() throws {
    let cat = try analyze("google-coral+test_data/cat.bmp", "mobilenet-v1-embedding")
    #expect((cat.first?["vector"] as? [Any])?.count == 1024)
    let picture = "openvinotoolkit+open_model_zoo/tools/accuracy_checker/data/test_data/1.jpg"
    let onnx = try analyze(picture, "samplenet").map { ($0["label"] as! String, $0["score"] as! Double) }
    for model in ["samplenet-ir", "samplenet-pb"] {
      let other = try analyze(picture, model).map { ($0["label"] as! String, $0["score"] as! Double) }
      try #require(other.count == onnx.count)
      for (a, b) in zip(onnx, other) { #expect(a.0 == b.0 && abs(a.1 - b.1) < 0.001) }
    }
  }

  @Test("A SavedModel with a fixed batch of 128 runs on single pictures")
  func fixedBatch() throws {
    #expect(!(try analyze(Self.pictures + "bee.jpeg", "nsfw-resnet")).isEmpty)
  }
}
