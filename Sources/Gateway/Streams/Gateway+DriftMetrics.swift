internal import Base
internal import Drift
internal import Streams

/// How far streams are from their references, for Prometheus; at most eight measures of each network of a stream.
extension Gateway {
  func writeDrift(of views: [StreamDesk.View], to text: inout MetricsText) {
    let watches = views.flatMap { view in
      guard let book = view.drift else { return [DriftSample]() }
      return book.pictures.measures.map { DriftSample(view, "", book.pictures, $0) }
        + book.answers.flatMap { one in one.watch.measures.map { DriftSample(view, one.network.name, one.watch, $0) } }
    }
    guard !watches.isEmpty else { return }
    text.begin(
      "ridley_drift_index", .gauge,
      help: "Population stability index of the last window against the reference; missing where too little was seen.")
    for one in watches { if let index = one.index { text.sample(index, one.labels) } }
    text.begin("ridley_drift_outside", .gauge, help: "1 where it has left its reference; missing before there is one.")
    for one in watches where one.standing != .learning { text.sample(one.standing == .outside ? 1 : 0, one.labels) }
    text.begin("ridley_drift_learnt", .gauge, help: "The share of the reference that is learnt.")
    for view in views {
      guard let book = view.drift else { continue }
      text.sample(book.pictures.learnt, ["client": view.client, "stream": view.name, "network": ""])
      for one in book.answers {
        text.sample(one.watch.learnt, ["client": view.client, "stream": view.name, "network": one.network.name])
      }
    }
  }
}

private struct DriftSample {
  let labels: KeyValuePairs<String, String>
  let standing: DriftState.Standing
  let index: Double?

  /// `network` is empty for what is of pictures.
  init(_ view: StreamDesk.View, _ network: String, _ watch: DriftWatch, _ measure: DriftMeasure) {
    labels = ["client": view.client, "stream": view.name, "network": network, "measure": measure.rawValue]
    standing = watch.standing(measure)
    index = if case .index(let index)? = watch.states[measure]?.verdict { index.value } else { nil }
  }
}
