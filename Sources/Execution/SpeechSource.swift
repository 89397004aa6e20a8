public import Base
internal import Inference
internal import Insights
internal import Loading
internal import Media
internal import ModelHub

/// The network that a pipeline hears speech with, ready to be loaded.
public struct SpeechSource: Sendable {
  public let name: String
  /// `sha256:…` of its manifest and files.
  public let digest: String
  private let network: String
  private let engine: Engine

  init(_ model: Model, on engine: Engine) {
    (name, digest, network, self.engine) = (model.name, model.digest, model.networkPath, engine)
  }

  /// Spans in which somebody speaks, in seconds of the film's own time and in order; `nil` where the film has no sound.
  ///
  /// The sound is read from the front, in this process: call it where a foreign film may be opened. `beat` is called about once a second of sound.
  public func spans(in film: String, beat: () -> Void) throws(Fault) -> [ClosedRange<Double>]? {
    guard let reader = try SoundReader.open(film) else { return nil }
    let activity = try SpeechActivity(network: network, cache: nil, on: engine)
    var (segments, end) = (SpeechSegments(first: reader.info.first), reader.info.first)
    while let block = try reader.next() {
      for probability in try activity.listen(block.samples) { segments.add(probability) }
      end = block.end
      beat()
    }
    if let last = try activity.finish() { segments.add(last) }
    return segments.finish(end: end).spans.map { $0.start...max($0.start, $0.end) }
  }
}
