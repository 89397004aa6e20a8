import Base
import Isolation

/// Runs a whole command in a child process, so that a file that crashes a library is an error like any other.
enum IsolatedCommand {
  /// Compiling a large network on a small machine takes minutes.
  static let patience = 600.0

  static func run(_ command: any Command, _ arguments: Arguments) throws(Fault) -> ExitCode {
    var refusal: Fault?
    // Lines may come one by one; a part of a JSON document is of no use.
    let spool = arguments.has("json") ? try BufferedOutput() : nil
    if command.endsWhenAsked { Interrupt.watch() }
    let ending = try ChildProcess.run(
      stall: { patience }, isStopped: { Interrupt.isAsked },
      receive: { (message) throws(Fault) in refusal = Fault(message.bytes) },
      work: { outlet in
        spool?.takeStandardOutput()
        do throws(Fault) { return try command.run(arguments).rawValue } catch {
          try? outlet.send(Message(kind: 0, bytes: error.bytes))
          return ExitCode(error.kind).rawValue
        }
      })
    if let refusal { throw refusal }
    guard case .exited(let code) = ending else {
      Terminal.wipe()
      throw Fault(.badInput, "\(arguments.positionals.first.map(FileName.shown) ?? command.name): \(ending.reason!)")
    }
    try spool?.release()
    return ExitCode(rawValue: code) ?? .bug
  }
}

extension Fault {
  /// Its kind, message and cause, as they go from a child process to its parent.
  var bytes: [UInt8] { Array([kind.rawValue, message, cause ?? ""].joined(separator: "\0").utf8) }

  init(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard parts.count == 3, let kind = Kind(rawValue: parts[0]) else {
      self = Fault(.bug, "a child process said what nobody understands")
      return
    }
    self = Fault(kind, parts[1], cause: parts[2].isEmpty ? nil : parts[2])
  }
}
