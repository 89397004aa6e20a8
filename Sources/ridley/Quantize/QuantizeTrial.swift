import Analysis
import Base
import Execution
import Inference
import Isolation
import Loading
import Media
import ModelHub
import Predictions
import Reports
import Vision

/// A network, the 8-bit version that is made of it, and what both answer on the same frames.
struct QuantizeTrial {
  /// Frames of a file that both versions look at; the float version's answers to them.
  private struct Compared {
    let path: String
    let sampling: Sampling
    var answers: [Int: [Prediction]] = [:]
  }

  let model: Model
  /// The 8-bit version, once it is made.
  private(set) var made: Model?
  private let engine: Engine
  private let scratch: ScratchFolder
  private let bar: ProgressBar
  private let input: TensorSpec
  private let shape: PictureShape
  /// Of the network's input, in pixels.
  private let size: Size
  private var compared: [Compared] = []
  private var calibrating = 0
  private var result: Quantizer.Result?

  /// Looks at the footage with the float version.
  ///
  /// Of several files every second one is for calibration; of one file the first half.
  init(
    _ model: Model, footage: String, frames: Int, _ scratch: ScratchFolder, on engine: Engine, _ bar: ProgressBar
  ) throws(Fault) {
    (self.model, self.engine, self.scratch, self.bar) = (model, engine, scratch, bar)
    let network = try ModelResolver.read(model.networkPath, by: .openvino, on: engine)
    guard model.networkPath.hasSuffix(".onnx"),
      let shape = PictureShape(network.inputs, layout: model.recipe.input.layout),
      [.f32, .f16].contains(network.inputs[0].element)
    else {
      throw Fault(
        .unsupported, "\(model.name) is no ONNX network that takes one picture in floats, which is what is quantised")
    }
    let files = try FootageFiles(footage)
    var loaded = LoadOptions()
    loaded.precision = .f32
    let float = try PictureModel(model, loaded, on: engine)
    (input, self.shape, size) = (network.inputs[0], shape, float.input)
    let recorder = try FrameRecorder(try InferenceUnit(float.network), to: recorded(in: scratch))
    let whole = LoadedModel(model, float, recordedBy: recorder)
    try files.each(bar) { (path, number, count) throws(Fault) in
      try look(at: path, number, of: count, frames, whole, recorder)
    }
    calibrating = try recorder.finish()
    let count = compared.reduce(0) { $0 + $1.answers.count }
    guard calibrating >= 2, count >= 2 else {
      throw Fault(
        .badInput,
        "\(calibrating) pictures to calibrate with and \(count) to compare are too few: say --calibrate with a film, or with at least four pictures"
      )
    }
  }

  private mutating func look(
    at path: String, _ number: Int, of count: Int, _ frames: Int, _ model: LoadedModel, _ recorder: FrameRecorder
  ) throws(Fault) {
    let share = max(1, frames / count)
    let sampling = try FootageFiles.sampling(path, share)
    let half = count == 1 ? share / 2 : number % 2 == 0 ? .max : 0
    var (found, seen) = (Compared(path: path, sampling: sampling), 0)
    recorder.keep(half)
    try FootageFiles.analyze(path, model, sampling) { frame, predictions in
      seen += 1
      if seen > half { found.answers[frame] = predictions }
    }
    if !found.answers.isEmpty { compared.append(found) }
  }

  mutating func quantize(by quantizer: Quantizer, tolerance: Double) throws(Fault) {
    let recipe = model.recipe.input
    let target = "\(scratch.path)/\(FileSystem.name(of: model.networkPath))"
    let job = Quantizer.Job(
      network: model.networkPath, target: target, input: input.name, frames: recorded(in: scratch), size: size,
      channels: shape.channels, isChannelsFirst: shape.layout == .nchw, mean: recipe.mean, scale: recipe.scale,
      element: input.element,
      tolerance: tolerance, mostLeftOut: 0.2)
    result = try quantizer.run(job, in: scratch) { bar.show(share: nil, detail: $0) }
    made = try Model(
      network: target, files: try Model.files(ofNetwork: target), recipe: model.recipe, precision: .f32)
  }

  /// Both versions on the frames that it was not calibrated with, and how quick each is.
  func compare() throws(Fault) -> QuantizeReport {
    let made = made!
    let small = try LoadedModel(made, on: engine)
    var agreement = AnswerAgreement(of: model.name)
    for (number, one) in compared.enumerated() {
      bar.show(share: Double(number) / Double(compared.count), detail: "comparing")
      try FootageFiles.analyze(one.path, small, one.sampling) { frame, predictions in
        guard let float = one.answers[frame] else { return }
        agreement.add(reference: float, other: predictions)
      }
    }
    guard agreement.foundAny else {
      throw Fault(
        .badInput,
        "neither version found anything on the \(agreement.frames) pictures to compare, which says nothing: say --calibrate with footage that shows what the network is for"
      )
    }
    var speed = try SpeedTrial(model, made, on: engine)
    return QuantizeReport(
      name: model.name, task: model.recipe.task, result: result!, calibrated: calibrating, agreement: agreement,
      rows: try speed.rows(bar),
      bytes: (try FileSystem.byteCount(of: model.networkPath), try FileSystem.byteCount(of: made.networkPath)))
  }
}

/// Where the pictures are kept that it is calibrated with.
private func recorded(in scratch: ScratchFolder) -> String { "\(scratch.path)/frames.bin" }

/// How quick versions of a model are beside each other: short windows in turns, of which the second best counts.
private struct SpeedTrial {
  private static let rounds = 5
  private var versions: [(name: String, model: MeasuredModel, table: TuningTable)] = []

  init(_ float: Model, _ small: Model, on engine: Engine) throws(Fault) {
    for (name, model, precision) in [("f32", float, Precision.f32), ("bf16", float, .bf16), ("int8", small, .f32)] {
      do throws(Fault) {
        let setting = Setting.automatic(Computation(precision))
        versions.append((name, try MeasuredModel(model, setting, device: "CPU", on: engine), TuningTable()))
      } catch {
        guard precision == .bf16, error.kind == .unsupported else { throw error }
      }
    }
  }

  mutating func rows(_ bar: ProgressBar) throws(Fault) -> [QuantizeReport.Row] {
    for round in 0..<Self.rounds {
      bar.show(share: Double(round) / Double(Self.rounds), detail: "measuring")
      for index in versions.indices {
        let measured = try versions[index].model.measure(seconds: 1) { SharedFlags.beat() }
        versions[index].table.add(measured, of: .automatic(Computation(.f32)))
      }
    }
    return versions.map { version in
      let row = version.table.rows[0]
      return QuantizeReport.Row(name: version.name, throughput: row.throughput, median: row.median)
    }
  }
}
