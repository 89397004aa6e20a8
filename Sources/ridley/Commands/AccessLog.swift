import Base
import Gateway
import Glibc
import Web

/// A line of JSON for each request that was answered, written by a thread of its own.
///
/// A disk that is too slow costs lines, which are counted in the next one, and never an answer.
final class AccessLog: Sendable {
  private struct State {
    var json = JSONWriter()
    var lost = 0
    var isOver = false
  }

  private static let limit = 1 << 20
  private let state: Monitor<State>
  private let writer: Worker

  /// `nil` where none is wanted; adds to a file that is there.
  init?(_ target: ServeConfiguration.Log.Target) throws(Fault) {
    let path: String
    switch target {
    case .off: return nil
    case .standardOutput: path = "/dev/stdout"
    case .file(let named): path = named
    }
    let descriptor = target == .standardOutput ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Fault(.denied, "the access log \(path) cannot be written: \(String(cString: strerror(errno)))") }
    let state = Monitor(State())
    self.state = state
    writer = Worker {
      while let bytes = state.wait(until: { state -> [UInt8]?? in
        guard !state.json.bytes.isEmpty else { return state.isOver ? .some(nil) : nil }
        defer { state.json.drain() }
        return .some(state.json.bytes)
      }) {
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
          if count < 0, errno == EINTR { continue }
          guard count > 0 else { break }
          rest = rest.dropFirst(count)
        }
      }
      if descriptor > STDERR_FILENO { close(descriptor) }
    }
  }

  func write(_ record: Record) {
    state.update { state in
      guard state.json.bytes.count < Self.limit else { return state.lost += 1 }
      let request = record.request
      state.json.beginObject()
      for (name, text) in [
        ("time", Self.time), ("peer", request.peer), ("method", request.method), ("path", request.path),
        ("request", request.id),
      ] {
        state.json.key(name: name)
        state.json.string(text)
      }
      for (name, number) in [("status", record.status), ("bytesIn", record.bytesIn), ("bytesOut", record.bytesOut)] {
        state.json.key(name: name)
        state.json.integer(number)
      }
      state.json.key("seconds")
      state.json.number(Double(record.duration) / 1e9, digits: 6)
      if record.clientLeft {
        state.json.key("clientLeft")
        state.json.bool(true)
      }
      if state.lost > 0 {
        state.json.key("lostLines")
        state.json.integer(state.lost)
        state.lost = 0
      }
      state.json.endObject()
      state.json.newline()
    }
  }

  /// Writes what is left.
  func finish() {
    state.update { $0.isOver = true }
    writer.join()
  }

  /// RFC 3339, in UTC.
  private static var time: String {
    var now = time_t(Clock.date)
    var parts = tm()
    gmtime_r(&now, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
