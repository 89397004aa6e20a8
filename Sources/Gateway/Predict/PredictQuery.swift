/// What every route that predicts takes behind its question mark.
struct PredictQuery: Sendable {
  /// Whether the picture is wanted with what was found drawn in.
  let draws: Bool
  /// Seconds between the frames of a clip that are looked at; `nil` for the usual.
  let every: Double?
  /// Seconds; `nil` for the server's choice.
  let timeout: Double?

  init(_ query: Query) throws(Failure) {
    draws = try query(Self.draw) ?? false
    every = try query(Self.everySeconds)
    timeout = try query(Self.timeoutSeconds)
  }

  /// For the entries of routes.
  static let parameters = [draw.documentation, everySeconds.documentation, timeoutSeconds.documentation]

  private static let draw = QueryParameter.flag(
    "draw", component: "Draw", "1 for the picture with what was found drawn in, as JPEG.")
  private static let everySeconds = QueryParameter.seconds(
    "every", component: "Every", "Of a clip one frame in so many seconds is looked at.", in: 0.001...3600)
  private static let timeoutSeconds = QueryParameter.seconds(
    "timeout", component: "Timeout", "Seconds after which the answer is not wanted any more.", in: 0.001...3600)
}
