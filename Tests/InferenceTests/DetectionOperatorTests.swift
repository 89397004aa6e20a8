import Base
import Inference
import TestKit
import Testing

/// `TFLite_Detection_PostProcess` on networks that are nothing else; `make_detection.py` asked TensorFlow Lite.
struct DetectionOperatorTests {
  /// A network, the columns before its classes, the rows it has room for.
  static let answered = [("fast", 1, 12), ("bare", 0, 12), ("many", 1, 36), ("regular", 1, 12), ("few", 1, 12)]

  @Test("Answers are TensorFlow Lite's, and what is left over is zero", arguments: answered)
  func answers(_ name: String, _ background: Int, _ room: Int) throws {
    let unit = try InferenceUnit(try compile("detection/\(name).tflite"))
    let expected = try Fixture.rows("detection/\(name).txt")
    let answer = try infer(unit, tensors: try Fixture.rows("detection/inputs-\(background).txt"))
    #expect(answer.specs.map(\.name) == ["boxes", "classes", "scores", "count"])
    #expect(answer.specs.map(\.shape) == [[1, room, 4], [1, room], [1, room], [1]])
    for (found, wanted) in zip(answer.values, expected) {
      #expect(isNear(Array(found.prefix(wanted.count)), wanted), "\(found), and not \(wanted)")
    }
    let (boxes, scores) = (answer.values[0], answer.values[2])
    #expect(boxes.dropFirst(expected[0].count).allSatisfy { $0 == 0 })
    #expect(scores.dropFirst(expected[2].count).allSatisfy { $0 == 0 })
  }

  @Test("Networks with a found count below their room are among the cases")
  func casesAreWorthIt() throws {
    for (name, _, room) in Self.answered where ["many", "few"].contains(name) {
      #expect(try Fixture.rows("detection/\(name).txt")[2].count < room)
    }
  }

  /// What is wrong with a file, in words that its refusal must hold.
  static let refused = [
    ("huge", "max_detections is "), ("none", "max_detections is 0"), ("negative", "max_detections is -1"),
    ("word", "max_detections is 0"), ("product", "at most 65536"), ("unscaled", "h_scale is 0"),
    ("overlap", "nms_iou_threshold is 1.5"), ("unclear", "nms_score_threshold is nan"),
    ("classes", "the shape of its scores is [1,64,6]"), ("per-class", "detections_per_class is -5"),
    ("optionless", "max_detections is 0"), ("anchors", "the shape of its anchors is [32,4]"),
    ("anchorless", "the number of its inputs is 2"),
  ]

  @Test("An operator with odd options or shapes is refused in one sentence that names them", arguments: refused)
  func refusals(_ name: String, _ words: String) throws {
    let engine = try Engine(cacheFolder: nil)
    let fault = #expect(throws: Fault.self) {
      _ = try engine.read(Fixture.path("detection/refused-\(name).tflite"))
    }
    let message = try #require(fault).message
    #expect(message.contains("operator TFLite_Detection_PostProcess") && message.contains(words), "\(message)")
    #expect(!message.contains("\n") && !message.contains(".cpp"), "\(message)")
    #expect(fault?.kind == .badInput)
  }

  /// The options begin with a name and end with the width of their root.
  @Test("Options whose offsets lead out of them are refused, wherever a byte is wrong")
  func damagedOptions() throws {
    let engine = try Engine(cacheFolder: nil)
    let folder = TemporaryFolder()
    let whole = try FileSystem.read(Fixture.path("detection/fast.tflite"))
    let start = try #require(whole.firstRange(of: Array("max_detections\0".utf8))).lowerBound
    let names = ["h_scale", "num_classes", "nms_iou_threshold", "y_scale"]
    let last = try names.map { try #require(whole.firstRange(of: Array(($0 + "\0").utf8))).upperBound }.max()!
    var refused = 0
    for place in start..<last + 100 {
      for value: UInt8 in [0xff, 0x80] {
        var bytes = whole
        bytes[place] = value
        try FileSystem.write(bytes, to: folder.file("damaged.tflite"))
        do throws(Fault) {
          _ = try engine.read(folder.file("damaged.tflite"))
        } catch {
          #expect(error.kind == .badInput, "\(place): \(error)")
          if error.message.contains("the options of an operator lead nowhere") { refused += 1 }
        }
      }
    }
    #expect(refused > 50, "the damage was seen before the engine met it")
  }

  @Test("One picture at a time is what the operator knows, and batches are refused")
  func batches() throws {
    let fault = #expect(throws: Fault.self) { _ = try compile("detection/fast.tflite", batch: 4) }
    #expect(fault?.kind == .unsupported)
  }

  @Test("The compiled network is kept, and answers the same when it is found again")
  func cache() throws {
    let folder = TemporaryFolder()
    func answer() throws -> [[Float]] {
      let unit = try InferenceUnit(try compile("detection/many.tflite", cache: folder.file("compiled")))
      return try infer(unit, tensors: try Fixture.rows("detection/inputs-1.txt")).values
    }
    let first = try answer()
    let kept = try FileSystem.list(folder.file("compiled"))
    #expect(kept.contains { $0.hasSuffix(".blob") })
    #expect(try answer() == first)
    #expect(try FileSystem.list(folder.file("compiled")) == kept)
  }

  private func compile(_ name: String, batch: Int = 1, cache: String? = nil) throws -> CompiledNetwork {
    let engine = try Engine(cacheFolder: cache)
    var options = CompileOptions()
    (options.streams, options.batch) = (1, batch)
    return try CompiledNetwork.load("n", with: options, on: engine) { _ throws(Fault) in
      try engine.read(Fixture.path(name))
    }
  }
}
