internal import Base
internal import JSON
internal import Objects

extension RegistryClient {
  private enum Key: String, CaseIterable { case errors }
  private enum ErrorKey: String, CaseIterable { case code, message }

  /// What the registry says in its own words (its list of errors), for the cause of a fault.
  static func cause(of answer: ServerAnswer) -> String {
    let status = "HTTP status \(answer.status)"
    guard let first = errors(of: answer).first else { return status }
    return "\(status), \(first.code): \(first.message)"
  }

  private static func errors(of answer: ServerAnswer) -> [(code: String, message: String)] {
    do throws(Fault) {
      let document = try JSONDocument(parsing: answer.body.span.bytes, name: "an answer")
      var found: [(String, String)] = []
      for error in try document.root.fields(Key.self, others: .ignored).required(.errors).elements() {
        let fields = try error.fields(ErrorKey.self, others: .ignored)
        let (code, message) = (try fields.given(.code)?.string() ?? "", try fields.given(.message)?.string() ?? "")
        found.append((String(code.prefix(60)), String(message.prefix(300))))
      }
      return found
    } catch { return [] }
  }

  /// A status that is no success, to the person who wanted to `pull from` or `push to` this.
  func fault(_ answer: Answer, _ doing: String) -> Fault {
    let (host, status) = (answer.address.authority, answer.status)
    let place = "\(reference.registry)/\(reference.repository)"
    let cause = Self.cause(of: answer.answer)
    switch status {
    case 403: return Fault(.denied, "\(host) does not allow to \(doing) \(place) with this login", cause: cause)
    case 404:
      let isUnknown = Self.errors(of: answer.answer).contains { $0.code == "NAME_UNKNOWN" }
      return Fault(
        .notFound,
        isUnknown
          ? "\(host) has no repository \(reference.repository)"
          : "\(host) has no \(reference.text.dropFirst(reference.registry.utf8.count + 1))",
        cause: cause)
    case 405: return Fault(.unsupported, "\(host) takes nothing here: is it read-only, or no registry?", cause: cause)
    case 413: return Fault(.tooLarge, "\(host) takes no file of this size: ask its owner for the limit", cause: cause)
    case 429: return Fault(.unavailable, "\(host) is asked too often", cause: cause)
    case _ where Self.isPassing(status) || status >= 500:
      return Fault(.unavailable, "\(host) is not able to \(doing) \(place) now", cause: cause)
    default:
      return Fault(
        .unsupported, "\(host) answered \(status) and did not \(doing) \(place): is it a registry (OCI distribution)?",
        cause: cause)
    }
  }
}
