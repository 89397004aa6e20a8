internal import Base

/// One call of the function, as the runtime interface hands it out.
public struct Invocation: Sendable {
  public let id: String
  /// What the function was called with: JSON, not looked at.
  public let event: [UInt8]
  /// Seconds since 1970 by which the platform ends the process; `nil` where it does not say.
  public let deadline: Double?
  /// Amazon's trace header, as it came.
  public let trace: String?

  public init(id: String, event: [UInt8], deadline: Double? = nil, trace: String? = nil) {
    (self.id, self.event, self.deadline, self.trace) = (id, event, deadline, trace)
  }
}

/// An invocation that has no answer: what the caller branches by, and a sentence.
public struct FunctionFailure: Error, Sendable, Hashable {
  /// What state machines name in `ErrorEquals`.
  public enum Name: String, Sendable, Hashable, CaseIterable {
    /// Another attempt, a little later, may do better.
    case tryAgain = "TryAgain"
    /// The item has failed for good; another attempt would say the same.
    case neverDone = "NeverDone"
    /// The item is one task by now: its plan is to be asked for again.
    case otherPlan = "OtherPlan"
    /// There is no such job, no right to it, or the event is wrong.
    case wrongCall = "WrongCall"
    /// The function itself cannot be started as it is set up.
    case wrongSetup = "WrongSetup"
  }

  public let name: Name
  public let message: String

  public init(_ name: Name, _ message: String) { (self.name, self.message) = (name, message) }

  /// Of a message that is told: what keeps the history of calls has little room.
  private static let mostCharacters = 2000

  /// As the runtime interface takes it.
  public var json: [UInt8] {
    JSONWriter.object { json in
      json.field("errorType", name.rawValue)
      json.field("errorMessage", String(message.prefix(Self.mostCharacters)))
      json.array("stackTrace") { _ in }
    }
  }
}
