import Base
import Glibc

/// Lines of JSON on standard error, which the platform keeps and looks through.
enum FunctionLog {
  enum Level: String { case info = "INFO", warn = "WARN", error = "ERROR" }

  /// `message` is constant; what differs stands in the fields.
  static func write(
    _ message: String, _ level: Level = .info, request: String? = nil,
    _ fields: (inout JSONWriter) -> Void = { _ in }
  ) {
    Terminal.draw(
      JSONText.line { json in
        json.field("timestamp", moment)
        json.field("level", level.rawValue)
        json.field("requestId", ifKnown: request)
        json.field("message", message)
        fields(&json)
      })
  }

  /// With milliseconds: `2026-11-20T12:00:00.123Z`.
  private static var moment: String {
    let now = Int(Clock.seconds * 1000)
    let rest = String(now % 1000)
    let whole = UTC.text(now / 1000).dropLast()
    return "\(whole).\(String(repeating: "0", count: 3 - rest.count))\(rest)Z"
  }
}

/// How long a start took, by parts, in seconds.
struct FunctionStart {
  /// From the program's start to the process that works.
  var process: Double?
  /// Until the library is open, where it is.
  var library = 0.0
  /// Until the engine is loaded.
  var engine = 0.0

  func tell() {
    FunctionLog.write("ready for tasks") { json in
      json.field("processSeconds", ifKnown: process, digits: 3)
      json.field("librarySeconds", library, digits: 3)
      json.field("engineSeconds", engine, digits: 3)
    }
  }

  /// Seconds since the system began this program, to a hundredth; `nil` where it does not tell.
  static var secondsOfProgram: Double? {
    guard let began = programBegan, let uptime = try? FileSystem.read("/proc/uptime", limit: 4096),
      let now = String(decoding: uptime, as: UTF8.self).split(separator: " ").first.flatMap({ Double($0) })
    else { return nil }
    return max(0, now - began)
  }

  /// When the system began this program, in seconds since the machine did.
  ///
  /// To be asked for before a process is forked, which keeps it: there the system would tell of that process.
  static let programBegan: Double? = {
    guard let stat = try? FileSystem.read("/proc/self/stat", limit: 4096),
      let name = stat.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    // `man proc_pid_stat`: the 22nd is when it began, in ticks since the machine did; the state, behind the name, is the 3rd.
    let words = String(decoding: stat[(name + 1)...], as: UTF8.self).split(separator: " ")
    guard words.count > 19, let ticks = Double(words[19]) else { return nil }
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }()
}
