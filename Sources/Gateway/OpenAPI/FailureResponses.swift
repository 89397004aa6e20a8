/// Failing answers: one component for each status, once in Ridley's envelope and once in the Open Inference Protocol's.
enum FailureResponses: SchemaWords {
  /// All of them, by the names that `reference(to:isOpen:)` gives.
  static let components: [(String, Document)] = [false, true].flatMap { isOpen in
    FailureStatus.allCases.filter { !isOpen || !$0.isLibrary }.map { failing in
      let own: Document = isOpen ? schema("OpenError") : schema("Error")
      let both: Document = ["anyOf": [schema("OpenError"), schema("Error")]]
      var answer: [(String, Document)] = [("description", .text(failing.text))]
      if let headers = failing.headers { answer.append(("headers", headers)) }
      answer.append(("content", json(isOpen && failing.isEarly ? both : own)))
      return (name(of: failing, isOpen: isOpen), .object(answer))
    }
  }

  private static func name(of failing: FailureStatus, isOpen: Bool) -> String { "\(isOpen ? "Open" : "")\(failing)" }

  static func reference(to failing: FailureStatus, isOpen: Bool) -> Document {
    reference("responses", name(of: failing, isOpen: isOpen))
  }

  /// What every route may answer, and what those may that take a body or ask for a key.
  static func usual(takesBody: Bool, needsKey: Bool) -> [FailureStatus] {
    [.badRequest, .notAllowed, .addressTooLong, .headTooLarge, .mistake, .unavailable]
      + (takesBody ? [.tooSlow, .tooLarge] : []) + (needsKey ? [.noKey, .denied, .tooMany] : [])
  }
}
