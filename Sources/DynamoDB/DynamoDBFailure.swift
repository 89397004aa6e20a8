internal import Base
internal import JSON
internal import Objects

/// What the service answers where it does not do what it was asked.
struct DynamoDBFailure {
  let status: Int
  /// `ThrottlingException`; empty where the answer does not say.
  let code: String
  let message: String
  /// Of a transaction that was cancelled, one for each of its parts: `None`, `ConditionalCheckFailed`.
  let reasons: [String]

  init(_ answer: ServerAnswer) {
    status = answer.status
    var (code, message, reasons) = ("", "", [String]())
    do throws(Fault) {
      let document = try JSONDocument(parsing: answer.body.span.bytes, name: "the answer")
      for (name, value) in try document.root.members() {
        switch name {
        case "__type": code = try value.string().split(separator: "#").last.map(String.init) ?? ""
        case "message", "Message": message = try value.string()
        case "CancellationReasons":
          for reason in try value.elements() {
            for (name, value) in try reason.members() where name == "Code" { reasons.append(try value.string()) }
          }
        default: break
        }
      }
    } catch {}  // a proxy's page: the status alone counts
    (self.code, self.message, self.reasons) = (code, message, reasons)
  }

  private static let passing: Set<String> = [
    "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "InternalServerError",
    "ServiceUnavailable", "TransactionInProgressException", "TransactionConflictException", "LimitExceededException",
  ]
  private static let passingReasons: Set<String> = [
    "None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded",
  ]

  /// A condition did not hold; what else stands among the reasons does not count then.
  var isRefusal: Bool { code == "ConditionalCheckFailedException" || reasons.contains("ConditionalCheckFailed") }

  /// The same request may be answered otherwise a little later.
  var isPassing: Bool {
    guard code != "TransactionCanceledException" else { return reasons.allSatisfy(Self.passingReasons.contains) }
    return status == 429 || status >= 500 || Self.passing.contains(code)
  }

  /// What was asked for has more bytes together than one answer, or one transaction, may have.
  var isTooMuch: Bool {
    code == "ValidationException" && message.contains("size")
      || code == "TransactionCanceledException" && reasons.contains("ValidationError")
  }

  /// `doing` says what was wanted: `read records`.
  func fault(_ address: DynamoDBAddress, _ host: String, _ doing: String) -> Fault {
    let cause = ["\(status)", code, message].filter { !$0.isEmpty }.joined(separator: " ")
    let place = "\(address.shown) (\(host))"
    return switch code {
    case "ResourceNotFoundException":
      Fault(
        .notFound, "there is no table \(address.table) at \(host): 'ridley library table' says how to make it",
        cause: cause)
    case "ResourceInUseException":
      Fault(.conflict, "there is a table \(address.table) at \(host) already, or it is being changed", cause: cause)
    case "AccessDeniedException":
      Fault(.denied, "these credentials may not \(doing) in \(place): ask its owner for the permission", cause: cause)
    case "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
      "MissingAuthenticationTokenException", "IncompleteSignatureException":
      Fault(
        .denied,
        "\(place) does not take the credentials, or they have ended, or this machine's clock is off: see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN",
        cause: cause)
    case _ where isTooMuch: Fault(.tooLarge, "\(place) takes less at once than is needed to \(doing)", cause: cause)
    case _ where isPassing:
      Fault(
        .unavailable, "\(place) is not able to \(doing) now: is it throttled, or written by too many?", cause: cause)
    default: Fault(.unsupported, "\(place) does not \(doing) in the way it was asked", cause: cause)
    }
  }
}
