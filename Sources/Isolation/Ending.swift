internal import CProcess
internal import Glibc

extension ChildProcess {
  /// How a child ended.
  public enum Ending: Sendable, Hashable {
    case exited(code: Int32)
    case crashed(signal: Int32)
    /// It made no headway for so many seconds, and was ended.
    case stalled(seconds: Double)

    /// Why there is no answer, for a person; `nil` for an orderly end.
    public var reason: String? {
      switch self {
      case .exited: nil
      case .crashed(SIGKILL): "its process was killed, most likely because the machine had no memory left"
      case .crashed(let signal):
        "it crashed the process that worked on it (\(Self.name(of: signal)))"
      case .stalled(let seconds): "nothing came of it for \(Int(seconds)) s, so it was given up"
      }
    }

    /// That of a process which the system or somebody outside ends.
    public static let killSignal: Int32 = SIGKILL

    /// What people call a signal, such as `Segmentation fault`.
    public static func name(of signal: Int32) -> String { unsafe String(cString: strsignal(signal)) }

    /// It was ended from outside, or the system for want of memory; not what it worked on.
    public var isFromOutside: Bool { self == .crashed(signal: SIGKILL) || self == .crashed(signal: SIGTERM) }

    /// Waits for the end of a child that has closed its pipe, or was ended.
    init(waitingFor child: pid_t) {
      var status: Int32 = 0
      while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
      self.init(status: status)
    }

    /// Of what waitpid tells.
    init(status: Int32) {
      self =
        ridley_exited(status) != 0
        ? .exited(code: ridley_exit_code(status)) : .crashed(signal: ridley_end_signal(status))
    }
  }
}
