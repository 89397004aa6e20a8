public import Base

/// Where objects stand in an S3 service: a bucket, what their keys begin with, and who is asked.
public struct S3Address: Sendable, Hashable {
  /// How a bucket is named in a request.
  public enum Style: String, Sendable, CaseIterable {
    /// In the path: what services of one's own speak.
    case path
    /// In front of the host: what Amazon's speaks.
    case host
  }

  public let bucket: String
  /// Without a slash at its end; empty where keys begin with nothing.
  public let prefix: String
  public let region: String
  public let style: Style
  let server: Server
  /// The server that browsers and workers of other networks ask, where that is another.
  let publicServer: Server

  /// Scheme, host with its port, and what stands in front of all paths.
  struct Server: Sendable, Hashable {
    let scheme: String
    let host: String
    let path: String
  }

  /// What `s3://bucket/prefix` leaves open; what is not said here is asked of the environment.
  public struct Options: Sendable {
    public var endpoint: String?
    public var publicEndpoint: String?
    public var region: String?
    public var style: Style?

    public init() {}
  }

  /// Reads `s3://BUCKET/PREFIX`.
  ///
  /// Of the environment: RIDLEY_S3_ENDPOINT or AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL (Amazon's where none is named),
  /// RIDLEY_S3_PUBLIC_ENDPOINT, AWS_REGION or AWS_DEFAULT_REGION (`us-east-1`), RIDLEY_S3_STYLE (`path` where an endpoint is named).
  ///
  /// - Throws: `usage` for what is no such address.
  public init(_ text: String, options: Options = Options(), environment: [String: String] = [:]) throws(Fault) {
    func known(_ names: String...) -> String? { names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } }
    (bucket, prefix) = try Self.parts(text)
    region = options.region ?? known("AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1"
    guard Self.isName(region, besides: "-") else {
      throw Fault(.usage, "'\(region)' is no region: name one such as us-east-1 in AWS_REGION")
    }
    let endpoint = options.endpoint ?? known("RIDLEY_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    let word = known("RIDLEY_S3_STYLE")
    let named = word.flatMap { Style(rawValue: $0) }
    if let word, named == nil { throw Fault(.usage, "RIDLEY_S3_STYLE is '\(word)': it can be path or host") }
    // The certificate of `*.s3.…` does not fit a name with a point in it.
    style = options.style ?? named ?? (endpoint == nil && !bucket.contains(".") ? .host : .path)
    server = try Server(endpoint ?? "https://s3.\(region).amazonaws.com")
    publicServer =
      try (options.publicEndpoint ?? known("RIDLEY_S3_PUBLIC_ENDPOINT")).map { (text) throws(Fault) in
        try Server(text)
      } ?? server
  }

  private static func parts(_ text: String) throws(Fault) -> (bucket: String, prefix: String) {
    let advice = "write s3://BUCKET/PREFIX"
    guard text.hasPrefix("s3://") else { throw Fault(.usage, "'\(text)' is no place in an S3 service: \(advice)") }
    let rest = text.dropFirst(5)
    let bucket = String(rest.prefix { $0 != "/" })
    guard (3...63).contains(bucket.utf8.count), isName(bucket, besides: "-."), bucket == bucket.lowercased() else {
      throw Fault(.usage, "'\(bucket)' is no name of a bucket (3 to 63 of a-z, 0-9, '-' and '.'): \(advice)")
    }
    let segments = rest.dropFirst(bucket.count).split(separator: "/")
    let prefix = segments.joined(separator: "/")
    let isPlain = prefix.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
    guard prefix.utf8.count <= 512, isPlain, !segments.contains("."), !segments.contains("..") else {
      throw Fault(.usage, "what stands behind the bucket in '\(text)' cannot begin keys: \(advice)")
    }
    return (bucket, prefix)
  }

  private static func isName(_ text: String, besides others: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: others.utf8.contains(byte)
        }
      }
  }

  /// The key of what stands below the prefix.
  func key(_ inner: String) -> String { prefix.isEmpty ? inner : "\(prefix)/\(inner)" }

  /// Whether one of both holds the other, or they are the same, in a bucket of one name.
  public func overlaps(_ other: S3Address) -> Bool {
    let (own, others) = (Array(key("").utf8), Array(other.key("").utf8))
    return bucket == other.bucket && (own.starts(with: others) || others.starts(with: own))
  }

  /// As errors and logs show it.
  public var shown: String { prefix.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(prefix)" }

  func host(of server: Server) -> String { style == .host ? "\(bucket).\(server.host)" : server.host }

  /// The path of a key as it is sent and signed; of the bucket itself for `nil`.
  func path(of key: String?, at server: Server) -> String {
    let front = server.path + (style == .host ? "/" : "/\(bucket)")
    guard let key else { return front }
    return front + (front.hasSuffix("/") ? "" : "/") + PercentEncoding.path(key)
  }
}

extension S3Address.Server {
  /// Of `http://HOST:PORT` or `https://…`; the port that goes with the scheme is left out, as it is in a request.
  init(_ text: String) throws(Fault) {
    let advice = "write an endpoint as https://HOST or http://HOST:PORT"
    let parts = text.firstRange(of: "://").map { (String(text[..<$0.lowerBound]).lowercased(), text[$0.upperBound...]) }
    guard let (scheme, rest) = parts, ["http", "https"].contains(scheme) else {
      throw Fault(.usage, "an S3 endpoint begins with http:// or https://: \(advice)")
    }
    var host = rest.prefix { $0 != "/" }.lowercased()
    // What stands before an @ may be a password, so nothing of the text is shown.
    let odd: Set<Character> = ["@", "?", "#", " ", "%"]
    guard !host.isEmpty, !rest.contains(where: odd.contains), rest.unicodeScalars.allSatisfy({ 33...126 ~= $0.value })
    else { throw Fault(.usage, "an S3 endpoint has a host, and neither a user nor a question mark: \(advice)") }
    let usual = scheme == "https" ? ":443" : ":80"
    if host.hasSuffix(usual) { host.removeLast(usual.count) }
    let path = rest.dropFirst(rest.prefix { $0 != "/" }.count).split(separator: "/").joined(separator: "/")
    self.init(scheme: scheme, host: host, path: path.isEmpty ? "" : "/\(path)")
  }
}
