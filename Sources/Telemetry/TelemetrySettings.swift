internal import Base

/// Where traces and logs go, and which; as the environment says it, by OpenTelemetry's names.
public struct TelemetrySettings: Sendable {
  /// What may be sent.
  enum Signal: String, Sendable, CaseIterable {
    case traces, logs
  }

  /// Who is sent something, and how.
  struct Receiver: Sendable {
    /// Of `http` or `https`.
    var address: String
    /// They may hold secrets, and are never shown.
    var headers: [(name: String, value: String)] = []
    /// How long one attempt may take.
    var seconds = 10.0
    /// A file of certificates to trust in place of the system's.
    var authorities: String?

    /// Without what stands behind a question mark.
    var shown: String { String(address.prefix { $0 != "?" && $0 != "#" }) }
  }

  var receivers: [Signal: Receiver] = [:]
  public internal(set) var sampler = Sampler()
  /// What is said of this process with all that is sent.
  var resource: [Attribute] = []
  /// How long what is to be sent may wait for more.
  var delaySeconds: [Signal: Double] = [.traces: 5, .logs: 1]
  /// Of each live stream one picture in so many seconds may begin a trace; `nil` for none.
  public internal(set) var frameSeconds: Double? = 10
  /// What of the environment could not be followed, each a sentence.
  public internal(set) var warnings: [String] = []

  /// Whether there is anything to send.
  public var isOn: Bool { !receivers.isEmpty }
}
