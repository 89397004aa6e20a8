import Base
import Catalog
import Glibc
import Jobs
import Telemetry

/// Where traces and logs of a process go, by OpenTelemetry's variables of the environment (docs/telemetry.md).
enum TelemetryPlace {
  /// What a file of settings says, for this process and those that it starts; the environment counts more.
  static func say(_ variables: [String: String]) {
    for (name, value) in variables where variable(name) == nil { setenv(name, value, 1) }
  }

  /// Begins to send, in the process whose work it is, and not before a fork; `nil` where nothing is wanted.
  ///
  /// What is told on standard error is sent too. End with ``end(_:)``.
  static func begin() -> Telemetry? {
    let settings = TelemetrySettings(version: Version.text, variable)
    for warning in settings.warnings { tell(warning) }
    guard settings.isOn else { return nil }
    let telemetry = Telemetry(settings, version: Version.text) { tell($0) }
    if telemetry.takesLogs {
      Terminal.hear { text, isFault in telemetry.log(LogRecord(isFault ? .error : .information, text)) }
    }
    return telemetry
  }

  /// Sends what waits, for two seconds at most.
  static func end(_ telemetry: Telemetry?) {
    Terminal.hear(nil)
    telemetry?.finish()
  }

  /// Where the program that started this one stands in a trace.
  static var caller: Trace? { variable("TRACEPARENT").flatMap { Trace($0) } }

  /// Starts a job, whose tasks stand in the trace in which that is done: the one of whoever had it started, else a new one.
  static func starting(
    _ request: JobRequest, _ start: (JobRequest) throws(Fault) -> (job: Job, isNew: Bool)
  ) throws(Fault) -> (job: Job, isNew: Bool) {
    var request = request
    request.trace = caller
    guard let telemetry = begin() else { return try start(request) }
    defer { end(telemetry) }
    let place = telemetry.place(under: caller)
    request.trace = place
    let began = Clock.now
    let started = try start(request)
    telemetry.record(
      Span(
        "job start", .producer, at: place, parent: caller?.parent, from: began, to: Clock.now,
        [Attribute("ridley.job.id", started.job.id.text)]))
    return started
  }

  /// What is wrong with the sending is not sent.
  private static func tell(_ sentence: String) { Terminal.complainUnheard("ridley: telemetry: \(sentence)\n") }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
