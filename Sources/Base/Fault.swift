/// What went wrong, in the words of the caller's world.
///
/// The message is one sentence for a person: what was wrong, where, and what to do. The cause keeps the words of the
/// library that failed; it is shown on request, never instead of the message.
public struct Fault: Error, Sendable, Hashable {
  /// The question that a caller asks of a failure; one table maps it to exit codes, another to HTTP statuses.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The caller wrote a command or an option that does not exist or does not fit.
    case usage
    /// A named thing is not there.
    case notFound = "not-found"
    /// A file or document is not what it should be.
    case badInput = "bad-input"
    /// It is well formed, but cannot be done here: an operator, a format, a device.
    case unsupported
    /// The caller may not do this: permissions of the file system, scopes of a key.
    case denied
    /// What was given is larger than is taken here; trying again does not help.
    case tooLarge = "too-large"
    /// It is not to be done as things stand: whoever asked for it finds out first how they do.
    case conflict
    /// A limit was reached that may not be one later: disk, memory, time.
    case exhausted
    /// Something outside does not answer: network, server.
    case unavailable
    /// The other side has ended, or the user stopped it.
    case closed
    /// Ridley itself is wrong.
    case bug
  }

  public let kind: Kind
  public let message: String
  public let cause: String?

  public init(_ kind: Kind, _ message: String, cause: String? = nil) {
    (self.kind, self.message, self.cause) = (kind, message, cause)
  }

  /// The same failure, with the place where it happened put in front: `clip.mp4: …`.
  public func at(_ place: String) -> Fault { Fault(kind, "\(place): \(message)", cause: cause) }
}

extension Fault {
  /// The system, or a limit of this process, gives no memory to do what `what` says: `open this file`.
  public static func noMemory(to what: String, cause: String? = nil) -> Fault {
    Fault(.exhausted, "\(noMemory) to \(what)", cause: cause)
  }

  /// Whether it is one of ``noMemory(to:cause:)``.
  public var isLackOfMemory: Bool { kind == .exhausted && message.contains(Self.noMemory) }

  private static let noMemory = "there is not enough memory"
}

extension Fault: CustomStringConvertible {
  public var description: String { message }
}
