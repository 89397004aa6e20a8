internal import Serving

/// What every route that predicts takes behind its question mark.
struct PredictQuery: Sendable {
  /// Whether the picture is wanted with what was found drawn in.
  let draws: Bool
  /// Seconds between the frames of a clip that are looked at; `nil` for the usual.
  let every: Double?
  /// Seconds; `nil` for the server's choice.
  let timeout: Double?
  /// Over the model's own recipe.
  let options: PredictOptions

  init(_ query: Query) throws(Failure) {
    draws = try query(Self.draw) ?? false
    every = try query(Self.everySeconds)
    timeout = try query(Self.timeoutSeconds)
    var options = PredictOptions()
    options.threshold = try query(Self.threshold).map { Float($0) }
    options.iou = try query(Self.iou).map { Float($0) }
    options.top = try query(Self.top)
    options.labels = try query(Self.labels) ?? []
    self.options = options
  }

  /// For the entries of routes.
  static let parameters = [
    draw.documentation, everySeconds.documentation, timeoutSeconds.documentation, threshold.documentation,
    iou.documentation, top.documentation, labels.documentation,
  ]

  private static let draw = QueryParameter.flag(
    "draw", component: "Draw", "1 for the picture with what was found drawn in, as JPEG.")
  private static let everySeconds = QueryParameter.seconds(
    "every", component: "Every", "Of a clip one frame in so many seconds is looked at.", in: 0.001...3600)
  private static let timeoutSeconds = QueryParameter.seconds(
    "timeout", component: "Timeout", "Seconds after which the answer is not wanted any more.",
    in: 0.001...Gateway.longestTimeout)
  private static let threshold = QueryParameter.share(
    "threshold", component: "Threshold", "Leaves out what scores less, in place of the model's own threshold.")
  private static let iou = QueryParameter.share(
    "iou", component: "Overlap", "Overlap above which the weaker of two boxes goes, in place of the model's own.")
  private static let top = QueryParameter.count(
    "top", component: "Top", "Classes that a classification names.", in: 1...10_000)
  private static let labels = QueryParameter.words(
    "labels", component: "Labels", "Only these labels, with commas between them.")
}
