import Base

/// How the program ended, for scripts; listed in `ridley help`.
enum ExitCode: Int32, Sendable, CaseIterable {
  case success = 0
  case bug = 1
  case usage = 2
  case notFound = 3
  case badInput = 4
  case unsupported = 5
  case denied = 6
  case exhausted = 7
  case unavailable = 8
  case partial = 9
  /// Of 'deploy plan' and 'deploy drift' alone.
  case differs = 10
  /// Of 'task run' alone, as sysexits.h has them: what engines are told by.
  case badTask = 65
  /// Of a node's 'serve' too, which is to be started again with another program.
  case tryAgain = 75
  case interrupted = 130

  init(_ kind: Fault.Kind) {
    self =
      switch kind {
      case .usage: .usage
      case .notFound: .notFound
      case .badInput, .conflict: .badInput
      case .unsupported: .unsupported
      case .denied: .denied
      case .exhausted, .tooLarge: .exhausted
      case .unavailable: .unavailable
      case .closed: .interrupted
      case .bug: .bug
      }
  }

  var meaning: String {
    switch self {
    case .success: "done"
    case .bug: "a mistake in ridley itself"
    case .usage: "the command line was wrong"
    case .notFound: "a file or model is not there"
    case .badInput: "a file is damaged or not what it should be"
    case .unsupported: "well formed, but cannot be done here"
    case .denied: "no permission"
    case .exhausted: "a limit was reached, such as a full disk or too large a picture"
    case .unavailable: "a server or device does not answer"
    case .partial: "some files failed, the others are done"
    case .differs: "of 'deploy plan' and 'deploy drift': servers are not as the blueprint says"
    case .badTask: "of 'task run': the task never can be done"
    case .tryAgain: "of 'task run': try the task again; of a node's 'serve': start it again"
    case .interrupted: "stopped by the user"
    }
  }
}
