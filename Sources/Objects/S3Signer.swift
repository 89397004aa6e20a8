internal import Base
internal import Crypto

/// Signs requests as S3, or another service of Amazon's, wants them signed: AWS Signature Version 4, in headers or in the address.
///
/// The scheme is that of Amazon's page "Authenticating Requests (AWS Signature Version 4)"; its examples are the tests' vectors.
struct S3Signer: Sendable {
  let credentials: S3Credentials
  let region: String
  /// As the signature names it.
  var service = "s3"

  static let emptyDigest = SHA256.hex(of: [])
  static let unsigned = "UNSIGNED-PAYLOAD"

  /// What is signed of a request.
  struct Subject {
    var method: String
    /// Without a port that goes with the scheme, as the client sends it.
    var host: String
    /// Encoded.
    var path: String
    /// Not encoded.
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
  }

  /// The headers that have to be sent beside the subject's own.
  ///
  /// `digest` is that of the body, `date` in seconds since 1970.
  func headers(of subject: Subject, digest: String, date: Int) -> [(name: String, value: String)] {
    let moment = Self.moment(date)
    var added = [(name: "x-amz-content-sha256", value: digest), ("x-amz-date", moment)]
    if let token = credentials.token { added.append(("x-amz-security-token", token)) }
    var whole = subject
    whole.headers += added
    let (signature, names) = signature(of: whole, digest: digest, moment)
    let credential = "\(credentials.accessKey)/\(scope(moment))"
    added.append(
      ("Authorization", "AWS4-HMAC-SHA256 Credential=\(credential),SignedHeaders=\(names),Signature=\(signature)"))
    return added
  }

  /// The query, encoded, with which anybody may send the request from `date` on for so many seconds.
  func query(of subject: Subject, seconds: Int, date: Int) -> String {
    let moment = Self.moment(date)
    let names = Self.lines(subject).map(\.name).joined(separator: ";")
    var whole = subject
    whole.query += [
      ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", "\(credentials.accessKey)/\(scope(moment))"),
      ("X-Amz-Date", moment), ("X-Amz-Expires", "\(seconds)"), ("X-Amz-SignedHeaders", names),
    ]
    if let token = credentials.token { whole.query.append(("X-Amz-Security-Token", token)) }
    let signature = signature(of: whole, digest: Self.unsigned, moment).signature
    return Self.query(whole.query) + "&X-Amz-Signature=\(signature)"
  }

  /// Encoded and in the order in which it is signed.
  static func query(_ query: [(name: String, value: String)]) -> String {
    query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }.sorted { $0 < $1 }
      .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
  }

  private func signature(of subject: Subject, digest: String, _ moment: String) -> (signature: String, names: String) {
    let lines = Self.lines(subject)
    let names = lines.map(\.name).joined(separator: ";")
    let canonical = [
      subject.method, subject.path, Self.query(subject.query), lines.map { "\($0.name):\($0.value)\n" }.joined(), names,
      digest,
    ].joined(separator: "\n")
    let text = ["AWS4-HMAC-SHA256", moment, scope(moment), SHA256.hex(of: Array(canonical.utf8))].joined(
      separator: "\n")
    return (Hex.text(HMACSHA256.code(of: Array(text.utf8), key: key(moment))), names)
  }

  private func key(_ moment: String) -> [UInt8] {
    [String(moment.prefix(8)), region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secret)".utf8)) {
      HMACSHA256.code(of: Array($1.utf8), key: $0)
    }
  }

  private func scope(_ moment: String) -> String { "\(moment.prefix(8))/\(region)/\(service)/aws4_request" }

  /// Host and headers by their names in small letters, with one space where several stand.
  private static func lines(_ subject: Subject) -> [(name: String, value: String)] {
    ([("host", subject.host)] + subject.headers.map { ($0.name.lowercased(), $0.value) })
      .map { ($0.0, $0.1.split(separator: " ").joined(separator: " ")) }.sorted { $0.0 < $1.0 }
  }

  /// `20130524T000000Z`.
  static func moment(_ date: Int) -> String { UTC.text(date).filter { $0 != "-" && $0 != ":" } }
}
