import Base
import Insights
import Predictions

/// What a network of classes says about one picture, and networks for tests.
func says(_ step: Int, _ scores: [String: Float]) -> [Prediction] {
  scores.sorted { $0.key < $1.key }.map { label, score in
    var prediction = Prediction(kind: .classification, label: label, score: score)
    prediction.step = step
    return prediction
  }
}

enum Networks {
  static let objects = AnsweringNetwork(
    name: "objects", version: "efficientnet-lite0@sha256:1",
    labels: Vocabulary.builtIn.entries.prefix(1000).map(\.name))
  static let unsafe = AnsweringNetwork(name: "open-nsfw", version: "open-nsfw@sha256:2", labels: ["safe", "unsafe"])
  static let classes = AnsweringNetwork(
    name: "nsfwjs", version: "nsfwjs@sha256:3", labels: ["drawing", "hentai", "neutral", "porn", "sexy"])
  static let all = [objects, unsafe, classes]
}

extension SafetyAssessment {
  /// A film of frames at one distance.
  static func of(
    _ frames: [[Prediction]], every seconds: Double = 1, mapping: SafetyMapping = .builtIn,
    networks: [AnsweringNetwork] = Networks.all, scenes: [TimeSpan] = []
  ) -> Safety {
    var assessment = SafetyAssessment(mapping: mapping, networks: networks)
    for (index, predictions) in frames.enumerated() {
      assessment.add(frame: index, time: Double(index) * seconds, predictions: predictions)
    }
    return assessment.finish(end: Double(frames.count) * seconds, scenes: scenes)
  }
}

extension ContentSummary {
  static func of(
    _ frames: [[Prediction]], networks: [AnsweringNetwork] = Networks.all, settings: ContentSettings = .init(),
    scenes: [TimeSpan] = []
  ) -> Content {
    var summary = ContentSummary(networks: networks, settings: settings)
    for (index, predictions) in frames.enumerated() { summary.add(time: Double(index), predictions: predictions) }
    return summary.finish(end: Double(frames.count), scenes: scenes)
  }
}

extension Content {
  func label(_ name: String) -> Label? { video.first { $0.name == name } }
}

func text(_ write: (inout JSONWriter) -> Void) -> String {
  var json = JSONWriter()
  write(&json)
  return String(decoding: json.take(), as: UTF8.self)
}

func says(_ scores: [String: Float]) -> [Prediction] { says(0, scores) }
