import Analysis
import Base
import Execution
import Inference
import Isolation
import Loading
import Media
import ModelHub
import Predictions

/// Pictures that a model is tried on: as its network gets them, and what the network's own runtime finds there.
struct Footage {
  private struct Look {
    let path: String
    let sampling: Sampling
    var answers: [Int: [Prediction]] = [:]
  }

  private let model: Model
  private let recorded: String
  private let inputBytes: Int
  private var count = 0
  private var looks: [Look] = []

  /// About so many of all files.
  init(
    _ model: Model, _ path: String, _ frames: Int, _ scratch: ScratchFolder, on engine: Engine, _ bar: ProgressBar
  ) throws(Fault) {
    (self.model, recorded) = (model, "\(scratch.path)/frames.bin")
    let files = try FootageFiles(path)
    var options = LoadOptions()
    (options.precision, options.engine) = (.f32, try engine.choices(for: model.networkPath).last)
    let picture = try PictureModel(model, options, on: engine)
    inputBytes = picture.network.inputs[0].shape.reduce(1) { $0 * ($1 ?? 1) }
    let recorder = try FrameRecorder(try InferenceUnit(picture.network), to: recorded)
    recorder.keep(frames)
    let loaded = LoadedModel(model, picture, recordedBy: recorder)
    try files.each(bar) { (path, _, count) throws(Fault) in
      var look = Look(path: path, sampling: try FootageFiles.sampling(path, max(1, frames / count)))
      try FootageFiles.analyze(path, loaded, look.sampling) { look.answers[$0] = $1 }
      looks.append(look)
    }
    count = try recorder.finish()
    guard count > 0 else {
      throw Fault(.badInput, "there is no picture in \(path) to try the network on")
    }
  }

  /// One picture after the other, rows of interleaved channels, read from the disk as they are wanted.
  var inputs: Probes {
    Probes(count) { [recorded, inputBytes] number throws(Fault) in
      guard !Interrupt.isAsked else { throw Quantizer.stopped }
      SharedFlags.beat()
      return [try FileSystem.read(recorded, part: number * inputBytes..<(number + 1) * inputBytes)]
    }
  }

  /// What another engine finds, beside it.
  func compare(
    _ computation: Computation, on engine: Engine, _ bar: ProgressBar
  ) throws(Fault) -> AnswerAgreement {
    var options = LoadOptions()
    (options.engine, options.precision) = (computation.engine, computation.precision)
    let loaded = try LoadedModel(model, options: options, on: engine)
    var agreement = AnswerAgreement(of: model.name)
    for look in looks {
      bar.show(share: nil, detail: "comparing \(computation.text)")
      try FootageFiles.analyze(look.path, loaded, look.sampling) { frame, predictions in
        if let reference = look.answers[frame] { agreement.add(reference: reference, other: predictions) }
      }
    }
    return agreement
  }
}
