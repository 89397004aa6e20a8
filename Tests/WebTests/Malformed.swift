import TestKit
import Testing

/// One client's bytes, and what may come of them.
struct Talk: Sendable, CustomTestStringConvertible {
  enum Verdict: Sendable, Equatable {
    /// So many requests are answered with 200, and the connection stays open.
    case fine(Int)
    /// The first is refused with such a status, nothing behind it is looked at, and the connection is closed.
    case refused(Int)
  }

  let name: String
  let bytes: [UInt8]
  let verdict: Verdict

  init(_ name: String, _ text: String, _ verdict: Verdict) { self.init(name, Array(text.utf8), verdict) }

  init(_ name: String, _ bytes: [UInt8], _ verdict: Verdict) {
    (self.name, self.bytes, self.verdict) = (name, bytes, verdict)
  }

  var testDescription: String { name }
}

/// Requests good and bad.
///
/// A server that lets a bad one through may be made to take the body of one request for the next one's head.
enum Talks {
  private static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

  private static func get(_ line: String, _ headers: String = "Host: a\r\n") -> String {
    "\(line)\r\n\(headers)\r\n"
  }

  private static func post(_ headers: String, _ body: String, version: String = "HTTP/1.1") -> String {
    "POST /x \(version)\r\nHost: a\r\n\(headers)\r\n\(body)"
  }

  private static func chunked(_ body: String, _ headers: String = "Transfer-Encoding: chunked\r\n") -> String {
    post(headers, body) + next
  }

  private static let good = "3\r\nabc\r\n0\r\n\r\n"

  static let all: [Talk] = fine + lengths + codings + lines + headers + chunks + large

  private static let fine = [
    Talk("plain", get("GET /x HTTP/1.1"), .fine(1)),
    Talk("two in one", next + next, .fine(2)),
    Talk("a line end before it", "\r\n" + next, .fine(1)),
    Talk("length", post("Content-Length: 3\r\n", "abc") + next, .fine(2)),
    Talk("length with zeros and blanks", post("Content-Length: \t003 \r\n", "abc") + next, .fine(2)),
    Talk("no length", post("", "") + next, .fine(2)),
    Talk("a body with GET", "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab" + next, .fine(2)),
    Talk("chunks", chunked("3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n"), .fine(2)),
    Talk("chunked, in capitals", chunked(good, "TRANSFER-ENCODING: Chunked\r\n"), .fine(2)),
    Talk("a chunk's extension", chunked("3;a=\"b c\"\r\nabc\r\n0;z\r\n\r\n"), .fine(2)),
    Talk("trailers", chunked("3\r\nabc\r\n0\r\nX-T: 1\r\nContent-Length: 9\r\n\r\n"), .fine(2)),
    Talk("no body in chunks", chunked("0\r\n\r\n"), .fine(2)),
    Talk("a query", get("GET /x?a=%20&b=// HTTP/1.1"), .fine(1)),
    Talk("a whole address", get("GET http://a:80/x?y HTTP/1.1"), .fine(1)),
    Talk("all of the server", get("OPTIONS * HTTP/1.1"), .fine(1)),
    Talk("an empty value", get("GET /x HTTP/1.1", "Host: a\r\nX:\r\nY: \r\n"), .fine(1)),
    Talk("a value beyond ASCII", get("GET /x HTTP/1.1", "Host: a\r\nX: \u{e4}\u{20ac}\r\n"), .fine(1)),
    Talk(
      "an upgrade nobody wants", get("GET /x HTTP/1.1", "Host: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"),
      .fine(1)),
    Talk(
      "HTTP/2 by upgrade",
      get(
        "GET /x HTTP/1.1",
        "Host: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"), .fine(1)),
    Talk("an IPv6 host", get("GET /x HTTP/1.1", "Host: [::1]:80\r\n"), .fine(1)),
  ]

  private static let lengths = [
    Talk("length and chunks", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", good) + next, .refused(400)),
    Talk("chunks and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", good) + next, .refused(400)),
    Talk("two lengths", post("Content-Length: 3\r\nContent-Length: 0\r\n", "abc") + next, .refused(400)),
    Talk("one length twice", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc") + next, .refused(400)),
    Talk("a list of lengths", post("Content-Length: 3, 4\r\n", "abc") + next, .refused(400)),
    Talk("a list of one length", post("Content-Length: 3, 3\r\n", "abc") + next, .refused(400)),
    Talk("length with plus", post("Content-Length: +3\r\n", "abc") + next, .refused(400)),
    Talk("negative length", post("Content-Length: -3\r\n", "abc") + next, .refused(400)),
    Talk("length in hexadecimal", post("Content-Length: 0x3\r\n", "abc") + next, .refused(400)),
    Talk("length with a blank within", post("Content-Length: 3 3\r\n", "abc") + next, .refused(400)),
    Talk("empty length", post("Content-Length: \r\n", "abc") + next, .refused(400)),
    Talk("length over 64 bits", post("Content-Length: 18446744073709551619\r\n", "abc") + next, .refused(400)),
    Talk("length over 63 bits", post("Content-Length: 9223372036854775808\r\n", "abc") + next, .refused(400)),
    Talk("length of a petabyte", post("Content-Length: 999999999999999999\r\n", "abc") + next, .refused(413)),
    Talk("length with an underscore", post("Content-Length: 1_0\r\n", "abcdefghij") + next, .refused(400)),
    Talk("length with a comma", post("Content-Length: 3,\r\n", "abc") + next, .refused(400)),
    Talk("length with a fraction", post("Content-Length: 3.0\r\n", "abc") + next, .refused(400)),
    Talk("length with a vertical tab", post("Content-Length: \u{b}3\r\n", "abc") + next, .refused(400)),
    Talk("a blank before the colon", post("Content-Length : 3\r\n", "abc") + next, .refused(400)),
    Talk("a tab before the colon", post("Content-Length\t: 3\r\n", "abc") + next, .refused(400)),
  ]

  private static let codings = [
    Talk("two codings", chunked(good, "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), .refused(400)),
    Talk("chunked twice", chunked(good, "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), .refused(400)),
    Talk("chunked, chunked", chunked(good, "Transfer-Encoding: chunked, chunked\r\n"), .refused(400)),
    Talk(
      "identity, chunked and a length",
      chunked(good, "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"), .refused(400)
    ),
    Talk("chunked, identity", chunked(good, "Transfer-Encoding: chunked, identity\r\n"), .refused(400)),
    Talk("gzip, chunked", chunked(good, "Transfer-Encoding: gzip, chunked\r\n"), .refused(501)),
    Talk("an unknown coding", chunked(good, "Transfer-Encoding: xchunked\r\n"), .refused(400)),
    Talk("chunked with a parameter", chunked(good, "Transfer-Encoding: chunked;q=1\r\n"), .refused(400)),
    Talk("chunked in quotes", chunked(good, "Transfer-Encoding: \"chunked\"\r\n"), .refused(400)),
    Talk("an empty coding", chunked(good, "Transfer-Encoding:\r\n"), .refused(400)),
    Talk("a coding with a vertical tab", chunked(good, "Transfer-Encoding: \u{b}chunked\r\n"), .refused(400)),
    Talk(
      "an unknown coding and a length", post("Transfer-Encoding: xchunked\r\nContent-Length: 3\r\n", "abc") + next,
      .refused(400)),
    Talk(
      "chunks in HTTP/1.0",
      post("Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", good, version: "HTTP/1.0") + next, .refused(400)),
  ]

  private static let lines = [
    Talk("lower-case version", get("GET /x http/1.1") + next, .refused(400)),
    Talk("HTTP/2.0", get("GET /x HTTP/2.0") + next, .refused(505)),
    Talk("HTTP/1.2", get("GET /x HTTP/1.2") + next, .refused(505)),
    Talk("HTTP/1.10", get("GET /x HTTP/1.10") + next, .refused(505)),
    Talk("HTTP/0.9", "GET /x\r\n\r\n" + next, .refused(400)),
    Talk("no version", get("GET /x ") + next, .refused(400)),
    Talk("two blanks", get("GET  /x HTTP/1.1") + next, .refused(400)),
    Talk("two blanks before the version", get("GET /x  HTTP/1.1") + next, .refused(400)),
    Talk("a blank behind the version", get("GET /x HTTP/1.1 ") + next, .refused(400)),
    Talk("a blank before the method", get(" GET /x HTTP/1.1") + next, .refused(400)),
    Talk("tabs", get("GET\t/x\tHTTP/1.1") + next, .refused(400)),
    Talk("a control character in the target", get("GET /x\u{1}y HTTP/1.1") + next, .refused(400)),
    Talk("a blank in the target", get("GET /x y HTTP/1.1") + next, .refused(400)),
    Talk("a target beyond ASCII", get("GET /\u{e4} HTTP/1.1") + next, .refused(400)),
    Talk("a fragment", get("GET /x#y HTTP/1.1") + next, .refused(400)),
    Talk("a target without a slash", get("GET x HTTP/1.1") + next, .refused(400)),
    Talk("a star for GET", get("GET * HTTP/1.1") + next, .refused(400)),
    Talk("another scheme", get("GET ftp://a/x HTTP/1.1") + next, .refused(400)),
    Talk("CONNECT", get("CONNECT a:1 HTTP/1.1") + next, .refused(501)),
    Talk("TRACE", get("TRACE /x HTTP/1.1") + next, .refused(501)),
    Talk("a method of another protocol", get("SUBSCRIBE /x HTTP/1.1") + next, .refused(501)),
    Talk("an unknown method", get("GETX /x HTTP/1.1") + next, .refused(501)),
    Talk("a method in lower case", get("get /x HTTP/1.1") + next, .refused(501)),
    Talk("empty lines before", "\r\n\r\n\r\n" + next, .refused(400)),
    Talk("a line feed before", "\n" + next, .refused(400)),
    Talk(
      "a TLS greeting", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3] + [UInt8](repeating: 0, count: 50) + [13, 10, 13, 10],
      .refused(400)),
    Talk("nothing but blanks", "    \r\n\r\n" + next, .refused(400)),
    Talk("an answer", "HTTP/1.1 200 OK\r\n\r\n" + next, .refused(501)),
  ]

  private static let headers = [
    Talk("no host", get("GET /x HTTP/1.1", "") + next, .refused(400)),
    Talk("two hosts", get("GET /x HTTP/1.1", "Host: a\r\nHost: b\r\n") + next, .refused(400)),
    Talk("a host with a path", get("GET /x HTTP/1.1", "Host: a/b\r\n") + next, .refused(400)),
    Talk("a host with a blank", get("GET /x HTTP/1.1", "Host: a b\r\n") + next, .refused(400)),
    Talk("a host with a name before it", get("GET /x HTTP/1.1", "Host: a@b\r\n") + next, .refused(400)),
    Talk("a folded line", post("X-A: 1\r\n b\r\nContent-Length: 3\r\n", "abc") + next, .refused(400)),
    Talk("a length in a folded line", post("X-A: 1\r\n Content-Length: 3\r\n", "") + next, .refused(400)),
    Talk("a blank before the first header", get("GET /x HTTP/1.1", " X: y\r\nHost: a\r\n") + next, .refused(400)),
    Talk("lines that end in line feeds", "GET /x HTTP/1.1\nHost: a\n\n" + next, .refused(400)),
    Talk("a line feed behind a header", get("GET /x HTTP/1.1", "Host: a\nX: y\r\n") + next, .refused(400)),
    Talk("a line feed behind the headers", "GET /x HTTP/1.1\r\nHost: a\r\n\n" + next, .refused(400)),
    Talk("a carriage return in a value", get("GET /x HTTP/1.1", "Host: a\r\nX: a\rb\r\n") + next, .refused(400)),
    Talk(
      "a carriage return for a line end",
      get("GET /x HTTP/1.1", "Host: a\r\nX: a\rTransfer-Encoding: chunked\r\n") + next, .refused(400)),
    Talk("two carriage returns", "GET /x HTTP/1.1\r\r\nHost: a\r\r\n\r\r\n" + next, .refused(400)),
    Talk("a null in a value", get("GET /x HTTP/1.1", "Host: a\r\nX: a\0b\r\n") + next, .refused(400)),
    Talk("a null in a name", get("GET /x HTTP/1.1", "Host: a\r\nX\0: b\r\n") + next, .refused(400)),
    Talk("a control character in a value", get("GET /x HTTP/1.1", "Host: a\r\nX: a\u{1}b\r\n") + next, .refused(400)),
    Talk("a delete in a value", get("GET /x HTTP/1.1", "Host: a\r\nX: a\u{7f}b\r\n") + next, .refused(400)),
    Talk("a bracket in a name", get("GET /x HTTP/1.1", "Host: a\r\nX(: b\r\n") + next, .refused(400)),
    Talk("a name beyond ASCII", get("GET /x HTTP/1.1", "Host: a\r\nX\u{e4}: b\r\n") + next, .refused(400)),
    Talk("a name with a blank", get("GET /x HTTP/1.1", "Host: a\r\nX Y: b\r\n") + next, .refused(400)),
    Talk("an empty name", get("GET /x HTTP/1.1", "Host: a\r\n: b\r\n") + next, .refused(400)),
    Talk("no colon", get("GET /x HTTP/1.1", "Host: a\r\nabc\r\n") + next, .refused(400)),
    Talk("an unknown expectation", get("GET /x HTTP/1.1", "Host: a\r\nExpect: a-miracle\r\n") + next, .refused(417)),
  ]

  private static let chunks = [
    Talk("a size with 0x", chunked("0x3\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a negative size", chunked("-3\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a size with plus", chunked("+3\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a size over 64 bits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a size of 63 bits", chunked("7fffffffffffffff\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a size with a blank before", chunked(" 3\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a size with a blank behind", chunked("3 \r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a size with an underscore", chunked("0_3\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("no size", chunked("\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("no size but an extension", chunked(";a\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a letter for a size", chunked("g\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a line feed behind a size", chunked("3\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("data that is too long", chunked("3\r\nabcXX0\r\n\r\n"), .refused(400)),
    Talk("a line feed behind data", chunked("3\r\nabc\n0\r\n\r\n"), .refused(400)),
    Talk("a carriage return behind data", chunked("3\r\nabc\r0\r\n\r\n"), .refused(400)),
    Talk("a letter for the carriage return behind data", chunked("3\r\nabcX\n0\r\n\r\n"), .refused(400)),
    Talk("a letter for the line feed behind data", chunked("3\r\nabc\rX0\r\n\r\n"), .refused(400)),
    Talk("a letter for the line feed behind a size", chunked("3\rXabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a letter for the line feed behind a trailer", chunked("0\r\nX: a\rX\r\n"), .refused(400)),
    Talk("a letter for the last line feed", chunked("0\r\n\rX"), .refused(400)),
    Talk("a size of thirteen digits", chunked("0000000000003\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a line feed in an extension", chunked("3;x\nxx\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a carriage return in an extension", chunked("3;a=b\r\rXabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a null in an extension", chunked("3;a\0\r\nabc\r\n0\r\n\r\n"), .refused(400)),
    Talk("a folded trailer", chunked("0\r\nX: a\r\n b\r\n\r\n"), .refused(400)),
    Talk("a trailer without a colon", chunked("0\r\nX\r\n\r\n"), .refused(400)),
    Talk("a line feed behind the last chunk", chunked("0\n\n"), .refused(400)),
    Talk("a line feed behind a trailer", chunked("0\r\nX: a\n\r\n"), .refused(400)),
  ]

  private static let large = [
    Talk(
      "a long value", get("GET /x HTTP/1.1", "Host: a\r\nX: " + String(repeating: "a", count: 100_000) + "\r\n"),
      .refused(431)),
    Talk(
      "many headers", get("GET /x HTTP/1.1", "Host: a\r\n" + (0..<129).map { "X\($0): a\r\n" }.joined()), .refused(431)),
    Talk("a long target", get("GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1"), .refused(414)),
    Talk("a long method", String(repeating: "A", count: 100_000), .refused(501)),
    Talk("a flood in an extension", chunked("3;" + String(repeating: "a", count: 1_000_000)), .refused(400)),
    Talk("a flood of trailers", chunked("0\r\n" + String(repeating: "X: a\r\n", count: 30_000)), .refused(400)),
  ]
}
