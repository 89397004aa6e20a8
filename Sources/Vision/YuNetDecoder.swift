internal import Base
internal import Glibc
internal import Predictions

/// YuNet faces: outputs `cls_S`, `obj_S`, `bbox_S`, `kps_S` for each stride S.
///
/// Arithmetic: Wu et al., "YuNet: A Tiny Millisecond-level Face Detector" (2023): score = √(class · objectness), box and
/// points as offsets from the cell in strides, sides as exponentials.
struct YuNetDecoder: Decoder {
  private let recipe: Recipe
  private let levels: [Level]

  static let facts = DecoderFacts(
    task: .detection, reads: "YuNet's faces", keys: [.activation, .threshold, .iou, .strides],
    activations: [.none, .sigmoid], threshold: 0.6, input: .letterbox(.bgr, .topLeft, pad: 0))

  static func samples(_ ground: SampleGround) -> [[TensorSpec]] {
    let ports = [("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)]
    return [
      ground.named(
        zip(ground.strides, ground.cells).flatMap { stride, count in
          ports.map { ("\($0.0)_\(stride)", [1, count, $0.1]) }
        })
    ]
  }

  private struct Level {
    let stride: Int
    let columns: Int
    let cls: Int
    let obj: Int
    let bbox: Int
    let kps: Int
  }

  static let pointNames = ["right-eye", "left-eye", "nose", "right-mouth", "left-mouth"]

  init(_ plan: DecoderPlan) throws(Fault) {
    recipe = plan.recipe
    let strides = plan.output.strides.isEmpty ? [8, 16, 32] : plan.output.strides
    levels = try strides.map { (stride) throws(Fault) in
      let cells = plan.cells(stride: stride)
      return Level(
        stride: stride, columns: cells.width,
        cls: try Self.index("cls_\(stride)", cells.area, 1, plan),
        obj: try Self.index("obj_\(stride)", cells.area, 1, plan),
        bbox: try Self.index("bbox_\(stride)", cells.area, 4, plan),
        kps: try Self.index("kps_\(stride)", cells.area, 10, plan))
    }
  }

  private static func index(_ name: String, _ rows: Int, _ columns: Int, _ plan: DecoderPlan) throws(Fault) -> Int {
    let index = try plan.index(named: name)
    let shape = innerShape(plan.outputs[index], rank: 2)
    guard let shape, shape[0] == nil || shape[0] == rows, shape[1] == nil || shape[1] == columns else {
      throw plan.mismatch(
        "output '\(name)' is \(plan.outputs[index].shapeText), and YuNet on \(plan.network) gives [1,\(rows),\(columns)]"
      )
    }
    return index
  }

  var used: [Int] { levels.flatMap { [$0.cls, $0.obj, $0.bbox, $0.kps] } }

  func decode(_ outputs: some OutputTensors, at placement: Placement) throws(Fault) -> [Prediction] {
    var range = ScoreRange()
    let found = levels.flatMap { level in
      let placed = min(outputs.withFloats(level.bbox) { $0.count / 4 }, outputs.withFloats(level.kps) { $0.count / 10 })
      let scores = outputs.withFloats(level.cls) { cls in
        outputs.withFloats(level.obj) { obj in
          (0..<min(cls.count, obj.count, placed)).map {
            range.note(cls[$0])
            range.note(obj[$0])
            return sqrtf(unit(cls[$0]) * unit(obj[$0]))
          }
        }
      }
      return scores.indices.filter { scores[$0] >= recipe.output.threshold }.map {
        candidate(outputs, level, cell: $0, score: scores[$0])
      }
    }
    // Its numbers are cut to 0 to 1, so only what is far from them is something else.
    if recipe.output.activation != .sigmoid, range.low < -1 || range.high > 2 { try range.check(recipe) }
    return try recipe.detections(found, at: placement, pointNames: Self.pointNames)
  }

  private func candidate(_ outputs: some OutputTensors, _ level: Level, cell: Int, score: Float) -> Candidate {
    let (column, row) = (Float(cell % level.columns), Float(cell / level.columns))
    let step = Float(level.stride)
    var found = outputs.withFloats(level.bbox) { bbox in
      let centre = ((column + bbox[cell * 4]) * step, (row + bbox[cell * 4 + 1]) * step)
      let size = (expf(bbox[cell * 4 + 2]) * step, expf(bbox[cell * 4 + 3]) * step)
      return Candidate(label: 0, score: score, box: Rect(centre: centre, size: size))
    }
    found.points = outputs.withFloats(level.kps) { kps in
      (0..<10).map { Double((kps[cell * 10 + $0] + ($0 % 2 == 0 ? column : row)) * step) }
    }
    return found
  }

  private func unit(_ value: Float) -> Float {
    recipe.output.activation == .sigmoid ? logistic(value) : min(max(value, 0), 1)
  }
}
