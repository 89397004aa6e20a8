public import Base

/// Who asks an S3 service.
///
/// The secret and the token show in no description of the value.
public struct S3Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public let accessKey: String
  let secret: String
  /// Goes with credentials that end.
  let token: String?

  public init(accessKey: String, secret: String, token: String? = nil) {
    (self.accessKey, self.secret, self.token) = (accessKey, secret, token)
  }

  /// Of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
  public init(environment: [String: String]) throws(Fault) {
    guard let key = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"],
      !key.isEmpty, !secret.isEmpty
    else {
      throw Fault(
        .usage, "nobody says who asks the service: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    }
    let texts = [key, secret, environment["AWS_SESSION_TOKEN"] ?? ""]
    guard texts.allSatisfy({ $0.unicodeScalars.allSatisfy { 33...126 ~= $0.value } }) else {
      throw Fault(
        .usage, "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN has a space or a line end in it")
    }
    self.init(accessKey: key, secret: secret, token: texts[2].isEmpty ? nil : texts[2])
  }

  public var description: String { "S3Credentials(\(accessKey))" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["accessKey": accessKey]) }
}
