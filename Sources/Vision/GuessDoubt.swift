public import Base
public import Predictions

/// Why a network is not guessed, and the ways of reading it that fit it: a question to its owner.
public struct GuessDoubt: Error, Sendable, Hashable {
  /// One way, as what is said to choose it.
  public struct Choice: Sendable, Hashable {
    public private(set) var output: OutputRecipe
    public var color: InputRecipe.Color?
    /// A word of `--normalize`.
    public var normalization: String?
    /// Its numbers are those of the picture in a way that neither its file nor its family tells.
    public var wantsNumbers = false
    /// In a few words.
    public let reads: String

    /// It is read with labels, and neither its owner nor the file named some.
    public var wantsLabels = false

    init(
      _ output: OutputRecipe, _ reads: String? = nil, _ color: InputRecipe.Color? = nil, _ normalization: String? = nil
    ) {
      (self.output, self.reads) = (output, reads ?? output.decoder.facts.reads)
      (self.color, self.normalization) = (color, normalization)
    }

    fileprivate func named(_ name: String) -> Choice {
      var choice = self
      choice.output.scores = name
      return choice
    }
  }

  /// A clause that goes on from the outputs: `and that does not tell what it is for`.
  public let reason: String
  /// Outputs that are named for one way of reading, at most.
  private static let most = 8

  /// Each of them is accepted when it is said; the numbers as they are come last.
  public var choices: [Choice]
  /// A task that is said may settle it; the file does not say what it is for.
  public let isOpen: Bool

  /// The file says itself that it is for something that is not read here.
  public init?(_ facts: NetworkFacts) {
    guard let exporter = facts.exporter, let task = facts.task else { return nil }
    let known: [String: String] = [
      "maskrcnn": "boxes with masks", "keypointdetection": "points", "anomalydetection": "maps of anomaly",
      "instancesegmentation": "boxes with masks", "rotateddetection": "boxes with an angle",
    ]
    guard let what = known[task.lowercased().filter { $0 != "_" && $0 != " " && $0 != "-" }] else { return nil }
    reason = "and \(exporter) wrote into the file that it is for '\(task)': \(what), which are not read yet"
    choices = [Choice(.usual(.raw))]
    isOpen = false
  }

  /// The file says itself that it is for something that is read otherwise than is said.
  public init?(_ facts: NetworkFacts, against said: OutputRecipe.Decoder) {
    let known: [String: OutputRecipe.Decoder] = ["segment": .yoloSegment, "pose": .yoloPose, "obb": .yoloOBB]
    guard facts.exporter == "Ultralytics", let task = facts.task, let decoder = known[task], said != decoder,
      said != .raw
    else { return nil }
    reason = "and Ultralytics wrote into the file that it is for '\(task)': \(decoder.facts.reads)"
    choices = [Choice(.usual(decoder)), Choice(.usual(.raw))]
    isOpen = false
  }

  /// Ways between which a task does not decide.
  init(_ reason: String, _ choices: [Choice]) { (self.reason, self.choices, isOpen) = (reason, choices, false) }

  /// A task is said that can be read in several ways: those of its decoders that fit the outputs.
  public init(_ task: ModelTask, _ inputs: [TensorSpec], _ outputs: [TensorSpec], labels: Int) {
    let reader = GuessReader(
      outputs: outputs.ofOne, facts: NetworkFacts(), labels: labels, names: inputs.map(\.name),
      picture: PictureShape(inputs))
    let all = GuessDoubt(reader)
    choices = all.choices.filter { $0.output.decoder.task == task }
    isOpen = true
    reason =
      choices.isEmpty
      ? "and no way to read a \(task.rawValue) network fits that"
      : "and there are several ways to read a \(task.rawValue) network"
  }

  /// Several readings fit, or none; `instead` is one that the outputs contradict.
  init(_ reader: GuessReader, instead guess: Guess? = nil) {
    var found: [Choice] = []
    for decoder in OutputRecipe.Decoder.allCases where ![.ssd, .raw, .boundary].contains(decoder) {
      let whole = Self.readings(decoder, reader).filter { $0.wantsLabels || reader.fits($0.output) }
      found += whole.isEmpty ? Self.ofEach(decoder, reader) : whole
    }
    choices = found + [Choice(.usual(.raw))]
    isOpen = true
    reason = guess.map { "\($0.why), but its outputs do not fit that" } ?? Self.reason(reader)
  }

  /// Readings of one of several outputs, by its name.
  private static func ofEach(_ decoder: OutputRecipe.Decoder, _ reader: GuessReader) -> [Choice] {
    guard reader.outputs.count > 1, decoder.readsOne else { return [] }
    let found = reader.outputs.flatMap { spec in
      let one = reader.of([spec])
      return readings(decoder, one).filter { !$0.wantsLabels && one.fits($0.output) }.map { $0.named(spec.name) }
    }
    return Array(found.filter { reader.fits($0.output) }.prefix(most))
  }

  private static func reason(_ reader: GuessReader) -> String {
    guard reader.outputs.count == 1, let size = reader.size, let sides = innerShape(reader.outputs[0], rank: 2)
    else { return "and that does not tell what it is for" }
    let cells = GuessReader.cells(size)
    if sides[1] == cells, let rows = sides[0] {
      return "and \(rows) numbers a box may be \(rows - 4) classes, or fewer and an angle, points or mask coefficients"
    }
    if sides[0] == 3 * cells, let columns = sides[1] {
      return "and \(columns) numbers a box may be \(columns - 5) classes, or fewer and points or mask coefficients"
    }
    if sides[0] == cells { return "and several families have such rows" }
    return "and that does not tell what it is for"
  }

  /// Ways that a decoder may read the outputs, whether they fit or not.
  private static func readings(_ decoder: OutputRecipe.Decoder, _ reader: GuessReader) -> [Choice] {
    let usual = OutputRecipe.usual(decoder)
    func with(_ reads: String? = nil, _ change: (inout OutputRecipe) -> Void) -> Choice {
      var output = usual
      change(&output)
      return Choice(output, reads)
    }
    let spec = reader.outputs.count == 1 ? reader.outputs[0] : nil
    let isBatch = (spec?.shape.first ?? nil).map { $0 == 1 || $0 == reader.picture?.batch } ?? true
    // A row of numbers is no map.
    let isRow = spec.map { Self.isRow($0, reader.size) } ?? false
    switch decoder {
    case .mask where isRow, .heatmap where isRow, .keypoints where isRow: return []
    case .picture, .textLines, .poseHeatmap, .posenet, .simcc: return maps(decoder, reader)
    case .classes where !isBatch: return []
    // Several open sides are a map or a list.
    case .number where openSides(spec) > 0, .point where openSides(spec) > 0: return []
    case .yolov5 where !hasBoxes(spec, reader), .yolov8 where !hasBoxes(spec, reader): return []
    case .yoloOBB where !hasBoxes(spec, reader) && spec?.shape.last != 7: return []
    case .yoloPose: return hasBoxes(spec, reader) ? poses(spec, reader, with) : []
    case .detr: return transformers(spec, with)
    case .finished: return finished(reader, with)
    case .nanodet: return distances(reader, with)
    case .retinaface: return faces(reader)
    case .yolov5 where hasRowACell(spec, reader):
      var (decoded, other) = (Choice(usual, "YOLOX with boxes decoded inside"), Choice(usual, "YOLOv6"))
      (decoded.color, decoded.normalization, other.normalization) = (.bgr, "none", "unit")
      return [decoded, other]
    case .yolov8 where hasRowACell(spec, reader):
      return [with { $0.layout = .rows }]
    case .ctc: return texts(spec, reader, with)
    case .boxes: return [Choice(usual), with("the same in pixels") { $0.coordinates = .pixels }]
    case .mask:
      let isOne = spec.map { $0.shape.count == 4 && ($0.shape[1] == 1 || $0.shape[3] == 1) } ?? false
      return reader.fits(usual) && !isOne ? [Choice(usual)] : [with("one class against nothing") { $0.threshold = 0.5 }]
    case .vector where spec.map({ $0.shape.dropFirst().filter { $0 != 1 }.count == 1 }) != true: return []
    default: return [Choice(usual)]
    }
  }

  /// Behind the batch.
  private static func openSides(_ spec: TensorSpec?) -> Int { spec?.shape.dropFirst().count { $0 == nil } ?? 0 }

  private static func isRow(_ spec: TensorSpec, _ size: Size?) -> Bool {
    if spec.shape.count == 2, spec.shape[0] == 1 { return true }
    let sides = spec.shape.filter { $0 != 1 }
    return sides.count < 2 && sides.first.map { $0 != size?.area } ?? true
  }

  /// Characters over time, with their alphabet where nobody named one.
  private static func texts(_ spec: TensorSpec?, _ reader: GuessReader, _ with: Change) -> [Choice] {
    // The number of labels would fit one of several outputs by chance.
    guard spec != nil else { return [] }
    var usual = with(nil, { _ in })
    if reader.facts.labels.isEmpty, mayBeText(spec, reader) {
      usual.wantsLabels = true
      return [usual]
    }
    guard !reader.fits(usual.output) else { return [usual] }
    return [
      with("characters over time, steps first") { $0.layout = .rows },
      with("the same, classes first") { $0.layout = .columns },
    ]
  }

  /// Steps with a number for each character: no grid of boxes, and several of both.
  private static func mayBeText(_ spec: TensorSpec?, _ reader: GuessReader) -> Bool {
    guard let spec, spec.shape.count == 3, !spec.element.isIndex, let sides = TextDecoder.sides(of: spec) else {
      return false
    }
    // With the characters at hand, one side is as many classes.
    let fits = reader.labels == 0 || sides.contains { $0.map { (0...2).contains($0 - reader.labels) } ?? true }
    return fits && sides.allSatisfy { $0.map { $0 > 2 } ?? true } && (reader.size == nil || !hasBoxes(spec, reader))
  }

  /// A dimension is as long as the grids of detectors have cells, or nobody can say.
  private static func hasBoxes(_ spec: TensorSpec?, _ reader: GuessReader) -> Bool {
    guard let spec, spec.shape.count >= 3, let sides = innerShape(spec, rank: 2) else { return false }
    guard let size = reader.size else { return true }
    let cells = GuessReader.cells(size)
    return sides.contains { $0 == nil || $0 == cells || $0 == 3 * cells }
  }

  private static func hasRowACell(_ spec: TensorSpec?, _ reader: GuessReader) -> Bool {
    guard let size = reader.size, let rows = spec.flatMap({ innerShape($0, rank: 2)?[0] }) else { return false }
    return rows == GuessReader.cells(size)
  }

  private typealias Change = (String?, (inout OutputRecipe) -> Void) -> Choice

  /// Orders of columns that exporters use.
  private static func rows(_ width: Int?, _ with: Change) -> [Choice] {
    let corners: [OutputRecipe.Column] = [.left, .top, .right, .bottom]
    switch width {
    case 5: return [with("MMDetection") { $0.columns = corners + [.score] }]
    case 6:
      return [
        with("YOLO end to end") { $0.columns = corners + [.score, .label] },
        with("Paddle") { $0.columns = [.label, .score] + corners },
      ]
    case 7:
      return [
        with("YOLOv7 end to end") { $0.columns = [.picture] + corners + [.label, .score] },
        with("OpenVINO") { ($0.columns, $0.coordinates) = ([.picture, .label, .score] + corners, .fractions) },
        with("EfficientDet") { $0.columns = [.picture, .top, .left, .bottom, .right, .score, .label] },
        with("YOLO-NAS") { $0.columns = [.picture] + corners + [.score, .label] },
      ]
    default: return []
    }
  }

  /// One class and as many points as the numbers allow: three numbers a point, or two.
  private static func poses(_ spec: TensorSpec?, _ reader: GuessReader, _ with: Change) -> [Choice] {
    guard let sides = spec.flatMap({ innerShape($0, rank: 2) }), let size = reader.size else { return [] }
    let cells = GuessReader.cells(size)
    let rest = sides[1] == cells ? sides[0].map { $0 - 5 } : sides[1].map { $0 - (sides[0] == cells ? 5 : 6) }
    guard let rest, rest > 1 else { return [] }
    return [3, 2].filter { rest % $0 == 0 }.map { width in
      with("boxes of one class with \(rest / width) points of \(width) numbers") {
        $0.points = OutputRecipe.points(rest / width)
      }
    }
  }

  private static func transformers(_ spec: TensorSpec?, _ with: Change) -> [Choice] {
    guard spec == nil else {
      // As many queries as such networks have.
      let queries = spec.flatMap { innerShape($0, rank: 2)?[0] } ?? 0
      return [100, 200, 300, 500, 900, 1000].contains(queries) ? [with(nil, { _ in })] : []
    }
    return [
      with("RT-DETR, Deformable DETR, D-FINE, RF-DETR") { $0.activation = .sigmoid },
      with("DETR, YOLOS: the last class is no object") { $0.activation = .softmax },
    ]
  }

  private static func finished(_ reader: GuessReader, _ with: Change) -> [Choice] {
    guard PostProcessedParts.Places(reader.outputs) != nil else {
      return rows(reader.outputs.first { $0.shape.count > 1 }?.shape.last ?? nil, with)
    }
    // torchvision counts its classes from 1: none has the number 0.
    let isTorchvision =
      Set(reader.outputs.map(\.name)) == ["boxes", "labels", "scores"]
      && reader.outputs.allSatisfy { $0.shape.count < 3 }
    let torchvision = with("torchvision: corners in pixels, classes from 1") {
      ($0.columns, $0.coordinates, $0.first) = ([.left, .top, .right, .bottom], .pixels, 1)
    }
    return (isTorchvision ? [torchvision] : []) + [
      with("TensorFlow") { $0.columns = [.top, .left, .bottom, .right] },
      with("corners in pixels\(isTorchvision ? ", classes from 0" : "")") {
        ($0.columns, $0.coordinates) = ([.left, .top, .right, .bottom], .pixels)
      },
      with("corners in fractions") { $0.columns = [.left, .top, .right, .bottom] },
    ]
  }
}
