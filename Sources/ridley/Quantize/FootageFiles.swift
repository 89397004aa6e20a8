import Analysis
import Base
import Execution
import Inference
import Isolation
import Loading
import Media
import ModelHub
import Predictions

/// Footage that versions of a model, or engines, are tried on: files of this machine, each looked at more than once.
struct FootageFiles {
  private let files: [InputFile]

  init(_ pattern: String) throws(Fault) { files = try InputFiles([pattern], besides: "").files }

  /// One after the other, with its number and how many there are.
  func each(
    _ bar: ProgressBar, _ look: (_ path: String, _ number: Int, _ count: Int) throws(Fault) -> Void
  ) throws(Fault) {
    for (number, file) in files.enumerated() {
      guard let path = file.plainPath else {
        throw Fault(.unsupported, "\(file.shown) is looked at more than once: give a file that is on this machine")
      }
      bar.show(share: Double(number) / Double(files.count), detail: "looking at \(file.name)")
      do throws(Fault) { try look(path, number, files.count) } catch {
        throw Interrupt.isAsked ? error : error.at(file.shown)
      }
    }
  }

  /// What a model finds on each of a file's frames, told by their numbers.
  static func analyze(
    _ path: String, _ model: LoadedModel, _ sampling: Sampling, _ each: (Int, [Prediction]) -> Void
  ) throws(Fault) {
    _ = try Analyzer(path, model: model, sampling: sampling).run(
      isStopped: { Interrupt.isAsked },
      each: { (_, stamp, predictions) throws(Fault) in
        SharedFlags.beat()
        each(stamp.index, predictions)
      })
    guard !Interrupt.isAsked else { throw Quantizer.stopped }
  }

  /// About so many frames of it, spread over all of it.
  static func sampling(_ path: String, _ frames: Int) throws(Fault) -> Sampling {
    guard let seconds = try MediaReader(path).info.duration, seconds > 0 else { return .all }
    return .every(seconds: max(0.001, seconds / Double(frames)))
  }
}

extension LoadedModel {
  /// In full precision, with what its network is shown kept by the recorder.
  convenience init(_ model: Model, _ picture: PictureModel, recordedBy recorder: FrameRecorder) {
    self.init(
      name: model.name, digest: model.digest, recipe: model.recipe, input: picture.input, head: picture.head,
      precision: "f32", engine: picture.network.engine, device: "CPU", target: recorder)
  }
}
