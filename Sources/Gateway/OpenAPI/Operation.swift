internal import Access

/// What the description says of a route beside what stands in its entry anyway.
struct Operation: Sendable {
  /// Its name in generated clients.
  let id: String
  let summary: String
  /// What it answers when all goes well, by status.
  let answers: [(String, Document)]
  /// The body, where there is something to say of it.
  let body: Document?
  /// Parameters in the query and in headers.
  let parameters: [ParameterDocument]
  /// How it may fail, beside what may happen to every route.
  let failures: [FailureStatus]

  init(
    _ id: String, _ summary: String, _ answers: [(String, Document)], body: Document? = nil,
    parameters: [ParameterDocument] = [], failures: [FailureStatus] = []
  ) {
    (self.id, self.summary, self.answers, self.body) = (id, summary, answers, body)
    (self.parameters, self.failures) = (parameters, failures)
  }
}

extension Route {
  /// This route in the description, under the heading of its group.
  func document(tag: String) -> Document {
    let usual =
      FailureResponses.usual(takesBody: body != nil, needsKey: needsKey) + (tag == "Library" ? [.notFound] : [])
    let taken = Set(operation.answers.map(\.0))
    let failing = Set(usual + operation.failures).sorted { $0.rawValue < $1.rawValue }
      .filter { !taken.contains("\($0.rawValue)") }
    let isOpen = Failure.isOpenInference(pattern.text)
    let answers =
      operation.answers + failing.map { ("\($0.rawValue)", FailureResponses.reference(to: $0, isOpen: isOpen)) }
    var entries: [(String, Document)] = [
      ("operationId", .text(operation.id)), ("summary", .text(operation.summary)), ("tags", [.text(tag)]),
    ]
    if let scope {
      let need = "Where the server asks for keys: one of the scope \(scope.rawValue)."
      let security: Document = [["key": [.text(scope.rawValue)]], ["session": []], [:]]
      entries += [("description", .text(need)), ("security", security)]
    } else if needsKey {
      entries.append(("security", [["key": []], ["session": []], [:]]))
    } else {
      entries.append(("security", []))
    }
    if !parameters.isEmpty {
      let references = parameters.map { FailureResponses.reference("parameters", $0.component) }
      entries.append(("parameters", .list(references)))
    }
    if let body = operation.body { entries.append(("requestBody", body)) }
    return .object(entries + [("responses", .object(answers.sorted { $0.0 < $1.0 }))])
  }
}
