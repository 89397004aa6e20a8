import Base
import Gateway
import Glibc
import Web

/// A line of JSON for each request that was answered, written by a thread of its own.
///
/// A disk that is too slow costs lines, whose number is told at the end, and never an answer.
final class AccessLog: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    var lost = 0
    var isOver = false
  }

  private static let limit = 1 << 20
  private let state: Monitor<State>
  private let writer: NativeThread

  /// `nil` where none is wanted; adds to a file that is there.
  init?(_ destination: ServeConfiguration.Log.Destination) throws(Fault) {
    let path: String
    switch destination {
    case .off: return nil
    case .standardOutput: path = "/dev/stdout"
    case .file(let named): path = named
    }
    let descriptor =
      destination == .standardOutput ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Fault(.denied, "the access log \(path) cannot be written: \(SystemError.last.text)")
    }
    let state = Monitor(State())
    self.state = state
    writer = NativeThread {
      while let bytes = state.wait(until: { state -> [UInt8]?? in
        guard !state.bytes.isEmpty else { return state.isOver ? .some(nil) : nil }
        defer { state.bytes = [] }
        return .some(state.bytes)
      }) {
        try? Descriptor.write(bytes.span.bytes, to: descriptor)
      }
      if descriptor > STDERR_FILENO { close(descriptor) }
    }
  }

  /// `route` is the pattern of the record's route, where it had one, and `trace` where it stood in a trace.
  func write(_ record: Record, route: String?, trace: Trace?) {
    let line = Self.line(record, route, trace)
    state.update { state in
      if state.bytes.count + line.count < Self.limit { state.bytes += line } else { state.lost += 1 }
    }
  }

  private static func line(_ record: Record, _ route: String?, _ trace: Trace?) -> [UInt8] {
    let request = record.request
    return JSONWriter.line(capacity: 256) { json in
      json.field("time", UTC.text(Int(Clock.date)))
      json.field("peer", request.peer)
      json.field("method", request.method)
      // Who reads the log is not given what it was asked with.
      json.field("path", request.shownPath(route))
      json.field("request", request.id)
      json.field("route", ifKnown: route)
      json.field("trace", ifKnown: trace?.idText)
      json.field("span", ifKnown: trace?.parentText)
      json.field("status", record.status)
      json.field("bytesIn", record.bytesIn)
      json.field("bytesOut", record.bytesOut)
      json.field("seconds", Double(record.duration) / 1e9, digits: 6)
      if record.clientLeft { json.field("clientLeft", true) }
    }
  }

  /// Writes what is left.
  func finish() {
    let lost = state.update { state in
      state.isOver = true
      return state.lost
    }
    writer.join()
    if lost > 0 { Terminal.complain("ridley: the access log was too slow for \(lost) lines\n") }
  }
}
