public import Base

/// Traces and logs of this process, on their way to a receiver of OpenTelemetry; from any thread.
///
/// Nothing here waits, and nothing here fails: what cannot be sent is dropped, counted and complained of. Whoever does not want any has no such
/// object at all, and pays a test for `nil`.
public final class Telemetry: Sendable {
  public let settings: TelemetrySettings
  private let spans: ExportQueue<Span>?
  private let logs: ExportQueue<LogRecord>?

  /// Begins to send.
  ///
  /// `complain` hears, in a sentence without a period, of what cannot be sent, and must not make a log record of that.
  public init(_ settings: TelemetrySettings, version: String, complain: @escaping @Sendable (String) -> Void) {
    self.settings = settings
    let (resource, delays) = (settings.resource, settings.delaySeconds)
    spans = settings.receivers[.traces].map {
      ExportQueue(.traces, $0, delaySeconds: delays[.traces] ?? 5, complain: complain) {
        OTLPMessage.spans($0, of: resource, scope: version, $1)
      }
    }
    logs = settings.receivers[.logs].map {
      ExportQueue(.logs, $0, delaySeconds: delays[.logs] ?? 1, complain: complain) {
        OTLPMessage.logs($0, of: resource, scope: version, $1)
      }
    }
  }

  /// Whether lines of logs are sent.
  public var takesLogs: Bool { logs != nil }

  /// Where work stands that begins now: in the trace of who asked for it, or in one of its own.
  ///
  /// `root` is the id of a trace of its own, and `span` the number of the work; both are made where they are not given.
  public func place(under caller: Trace?, root: UInt128? = nil, span: UInt64? = nil) -> Trace {
    var random = SystemRandomNumberGenerator()
    let id = caller?.id ?? root ?? .random(in: 1 ... .max, using: &random)
    // Where no spans are sent from here, the caller's word goes on to others as it is.
    let isSampled =
      spans == nil ? caller?.isSampled ?? false : settings.sampler.keeps(id, parent: caller?.isSampled)
    return Trace(id: id, parent: span ?? .random(in: 1 ... .max, using: &random), isSampled: isSampled)
  }

  /// Where work stands that is a part of other work.
  public static func place(within place: Trace) -> Trace {
    var random = SystemRandomNumberGenerator()
    return place.child(using: &random)
  }

  /// Has a span sent, where its trace is kept.
  public func record(_ span: Span) { if span.place.isSampled { spans?.add(span) } }

  /// Has a line sent.
  public func log(_ record: LogRecord) { logs?.add(record) }

  /// By what is sent: `traces` and `logs`, those that are.
  public var figures: [(signal: String, figures: TelemetryFigures)] {
    [("traces", spans?.figures), ("logs", logs?.figures)].compactMap { name, figures in figures.map { (name, $0) } }
  }

  /// Sends what waits, and gives up what is not sent within so many seconds; call it once, at the end.
  ///
  /// It may take one and a half seconds more, until what is on its way has ended.
  public func finish(within seconds: Double = 2) {
    let end = Clock.now + UInt64(seconds * 1e9)
    spans?.close(by: end)
    logs?.close(by: end)
    spans?.finish(by: end)
    logs?.finish(by: end)
  }
}
