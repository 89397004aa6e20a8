import Base
import Isolation

extension Supervisor {
  /// Keeps `work` at it in a child process, and complains of each crash of what is called `what`; `told` hears that too.
  ///
  /// A fault of the work ends it with the fault's code.
  static func run(
    _ what: String, told: (String) -> Void = { _ in }, work: () throws(Fault) -> ExitCode
  ) throws(Fault) -> ExitCode {
    let code = try run(
      leaving: ExitCode.tryAgain.rawValue,
      told: { crash, pause in
        let words = "crashed (\(crash)) and is started again \(pause == 0 ? "at once" : "in \(pause) s")"
        Terminal.complain("ridley: the \(what) \(words)\n")
        told(words)
      },
      work: {
        do throws(Fault) { return try work().rawValue } catch {
          Terminal.complain(of: error)
          return ExitCode(error.kind).rawValue
        }
      })
    return ExitCode(rawValue: code) ?? .interrupted
  }
}
