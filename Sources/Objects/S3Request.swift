internal import Base
internal import Crypto

/// A request to an S3 service, before it is signed.
struct S3Request {
  var method: String
  /// `nil` for the bucket itself.
  var key: String?
  var query: [(name: String, value: String)] = []
  var headers: [(name: String, value: String)] = []
  /// `nil` where a request of its method has none.
  var body: [UInt8]?
  /// It is signed for that moment, by the server's clock, and refused there so many seconds later.
  var fence: (date: Int, seconds: Int)?

  init(_ method: String, _ key: String?, _ query: [(name: String, value: String)] = []) {
    (self.method, self.key, self.query) = (method, key, query)
  }

  /// Has the server compare the body with its MD5, beside what it may do with the signed digest.
  mutating func set(body bytes: [UInt8], md5: [UInt8]? = nil) {
    body = bytes
    headers.append(("Content-MD5", Base64.encode(md5 ?? Hex.bytes(MD5.hex(of: bytes))!)))
  }
}

/// What is known of an object of a bucket without its bytes.
public struct S3Entry: Sendable, Hashable {
  public let key: String
  public let byteCount: Int
  /// As the service gives it, without quotes: another for other bytes.
  public let etag: String
  /// When it was written, in seconds since 1970 by the service's clock.
  public let time: Int

  public init(key: String, byteCount: Int, etag: String, time: Int) {
    (self.key, self.byteCount, self.etag, self.time) = (key, byteCount, etag, time)
  }
}

/// Moments as services write them.
enum S3Time {
  /// Of XML: `2026-11-29T08:28:18.248Z`, with or without the fraction.
  static func seconds(_ text: String) -> Int? {
    let whole = text.prefix { $0 != "." && $0 != "Z" }
    return UTC.seconds("\(whole)Z")
  }

  /// Of a header: `Sun, 29 Nov 2026 08:28:18 GMT`.
  static func seconds(header text: String) -> Int? {
    let words = text.split(separator: " ")
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else { return nil }
    let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
    return UTC.seconds("\(words[3])-\(number)-\(words[1])T\(words[4])Z")
  }
}

extension ServerAnswer {
  /// The server's clock, in seconds since 1970.
  var date: Int? { self["date"].flatMap { S3Time.seconds(header: $0) } }

  /// The ETag without its quotes.
  var etag: String { (self["etag"] ?? "").filter { $0 != "\"" } }
}
