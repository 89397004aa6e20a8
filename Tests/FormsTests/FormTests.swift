import Base
import Forms
import TestKit
import Testing

/// The fault that a step ends in.
func fault(_ body: () throws -> Void) -> Fault? {
  do { try body() } catch { return error as? Fault }
  return nil
}

func parts(_ text: String, boundary: String = "b", limits: MultipartForm.Limits = .init()) throws -> [FormPart] {
  let bytes = Array(text.utf8)
  return try MultipartForm.parts(of: bytes.span.bytes, boundary: boundary, limits: limits)
}

/// A part's lines as `curl` writes them, and its content.
func part(_ name: String, _ content: String, boundary: String = "b") -> String {
  "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(content)\r\n"
}

@Suite("Forms")
struct FormTests {
  @Test("what curl 7.88 sends is read")
  func curl() throws {
    let type = "multipart/form-data; boundary=------------------------de6852198b362571"
    let line = "--------------------------de6852198b362571"
    let body =
      "\(line)\r\nContent-Disposition: form-data; name=\"image\"; filename=\"we%22ird\\n ü.jpg\"\r\n"
      + "Content-Type: image/jpeg\r\n\r\nabc\r\n\(line)\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhéllo\r\n"
      + "\(line)\r\nContent-Disposition: form-data; name=\"empty\"; filename=\"e\"\r\n"
      + "Content-Type: application/octet-stream\r\n\r\n\r\n\(line)--\r\n"
    let found = try parts(body, boundary: MultipartForm.boundary(of: type))
    let bytes = Array(body.utf8)
    #expect(found.map(\.name) == ["image", "note", "empty"])
    #expect(found.map(\.filename) == ["we\"ird\\n ü.jpg", nil, "e"])
    #expect(found.map(\.contentType) == ["image/jpeg", nil, "application/octet-stream"])
    #expect(found.map { String(decoding: bytes[$0.content], as: UTF8.self) } == ["abc", "héllo", ""])
  }

  @Test("what a browser sends is read: no line end behind the last boundary, names as they are")
  func browser() throws {
    let body =
      "------WebKitFormBoundaryAbC\r\nContent-Disposition: form-data; name=\"image\"; filename=\"C:\\dir\\a.png\"\r\n"
      + "Content-Type: image/png\r\n\r\n\r\n--x\r\n------WebKitFormBoundaryAbC--"
    let found = try parts(body, boundary: "----WebKitFormBoundaryAbC")
    #expect(found.count == 1 && found[0].filename == "C:\\dir\\a.png" && found[0].content.count == 5)
    #expect(found[0].content.upperBound == Array(body.utf8).count - "\r\n------WebKitFormBoundaryAbC--".utf8.count)
  }

  @Test("content may be anything but the boundary at the start of a line")
  func content() throws {
    for content in ["", "\r\n", "\r", "\n--b", "--b", "\r\n--", "\r\n-b", "x\r\n--a", "\r\r\n\r\n--B--", "\u{0}\u{1}é"]
    {
      let body = part("x", content) + part("y", content) + "--b--\r\n"
      let found = try parts(body)
      #expect(found.map { String(decoding: Array(body.utf8)[$0.content], as: UTF8.self) } == [content, content])
    }
    #expect(try parts("--b--").isEmpty)
    #expect(try parts(part("x", "1") + part("x", "2") + "--b--").map(\.name) == ["x", "x"])
  }

  private static let ambiguous: [(String, String)] = [
    ("", "does not begin with the boundary"), ("--c\r\n", "does not begin with the boundary"),
    ("preamble\r\n--b--", "does not begin with the boundary"), ("\r\n--b--", "does not begin with the boundary"),
    ("--b", "neither a line end nor the end"), ("--b-", "neither a line end nor the end"),
    ("--b--x", "1 bytes are left over"), ("--b--\r\n\r\n", "left over"), ("--b--\n", "left over"),
    ("--b--\r\nepilogue", "left over"), ("--b \r\n", "neither a line end"), ("--b\n", "neither a line end"),
    ("--bb\r\n", "neither a line end"), (part("x", "1"), "part 1 of the form: the body ends before the boundary"),
    ("--b\r\nX: y\r\n", "part 1 of the form: the body ends within its head"),
    (String(part("x", "1").dropLast(2)) + "--b--", "part 1 of the form: the body ends before the boundary"),
    (part("x", "1\r\n--bb\r\n") + "--b--", "neither a line end nor the end"),
    (part("x", "1\r\n--b --\r\n") + "--b--", "neither a line end nor the end"),
    (part("x", "1\r\n--b-\r\n") + "--b--", "neither a line end nor the end"),
    (part("x", "1") + "--b-- \r\n", "left over"),
    (part("x", "1") + "--b--\r\n" + part("y", "2") + "--b--", "left over"),
  ]

  @Test(
    "a body that can be read in two ways, or is not whole, is refused",
    arguments: FormTests.ambiguous)
  func broken(body: String, expected: String) {
    let fault = fault { _ = try parts(body) }
    #expect(fault?.kind == .badInput && fault?.message.contains(expected) == true, "\(fault?.message ?? "no fault")")
  }

  private static let badHeads: [(String, String)] = [
    ("X: y", "the header Content-Disposition is missing"), ("", "not of the form 'Name: value'"),
    ("Content-Disposition: form-data", "not 'form-data' with a name"),
    ("Content-Disposition: attachment; name=x", "not 'form-data' with a name"),
    ("Content-Disposition: form-data; name=x; name=y", "the parameter 'name' stands there twice"),
    ("Content-Disposition: form-data; name=x; NAME=y", "the parameter 'name' stands there twice"),
    ("Content-Disposition: form-data; name=", "the parameter 'name' has no value"),
    ("Content-Disposition: form-data; name=\"x", "the quotes around the parameter 'name' are not closed"),
    ("Content-Disposition: form-data; name=\"x\\\"", "the quotes around the parameter 'name' are not closed"),
    ("Content-Disposition: form-data; name=\"x\" y", "more than its value"),
    ("Content-Disposition: form-data; name=x;", "not of the form 'name=value'"),
    ("Content-Disposition: form-data; name = x", "not of the form 'name=value'"),
    ("Content-Disposition: form-data name=x", "does not begin with a word"),
    ("Content-Disposition: ;name=x", "does not begin with a word"),
    ("Content-Disposition: form-data; name=x\r\ncontent-disposition: form-data; name=y", "stands there twice"),
    ("Content-Disposition : form-data; name=x", "not of the form 'Name: value'"),
    (": form-data; name=x", "not of the form 'Name: value'"), ("no colon", "not of the form 'Name: value'"),
    ("Content-Disposition: form-data;\r\n name=x", "not of the form 'Name: value'"),
    ("Content-Disposition: form-data; name=x\r\n folded", "not of the form 'Name: value'"),
    ("Content-Disposition: form-data; name=x\nX: y", "a control character"),
    ("Content-Disposition: form-data; name=x\rX: y", "a control character"),
    ("Content-Disposition: form-data; name=\"a\u{0}b\"", "a control character"),
    ("Content-Disposition: form-data; name=x\r\nContent-Type: a\u{e9}", "content-type is empty, or not plain text"),
    ("Content-Disposition: form-data; name=x\r\nContent-Type: ", "content-type is empty, or not plain text"),
    ("Content-Disposition: form-data; name=x\r\nX: " + String(repeating: "y", count: 4096), "longer than 4096 bytes"),
  ]

  @Test(
    "a part's head is read strictly",
    arguments: FormTests.badHeads)
  func heads(head: String, expected: String) {
    let fault = fault { _ = try parts("--b\r\n\(head)\r\n\r\n1\r\n--b--") }
    let message = fault?.message ?? "no fault"
    #expect(
      fault?.kind == .badInput && message.hasPrefix("part 1 of the form: ") && message.contains(expected), "\(message)")
  }

  @Test("names are read with and without quotes, and spelled in any case")
  func names() throws {
    func read(_ head: String) throws -> FormPart { try parts("--b\r\n\(head)\r\n\r\n1\r\n--b--")[0] }
    #expect(try read("content-disposition:FORM-DATA;name=x").name == "x")
    #expect(
      try read("Content-Disposition: form-data ; name=\"a;b=\\\"c\\\"\" ; filename*=utf-8''z").name == "a;b=\"c\"")
    #expect(try read("Content-Disposition: form-data; name=\"\"").name == "")
    #expect(try read("Content-Disposition: form-data; name=\"x\"; filename=\"a\\\\\"").filename == "a\\\\")
    #expect(try read("Content-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: Binary").name == "x")
    #expect(
      fault { _ = try read("Content-Disposition: form-data; name=x\r\nContent-Transfer-Encoding: base64") }?.kind
        == .unsupported)
    let notUTF8 =
      Array("--b\r\nContent-Disposition: form-data; name=\"".utf8) + [0xff] + Array("\"\r\n\r\n1\r\n--b--".utf8)
    #expect(
      fault { _ = try MultipartForm.parts(of: notUTF8.span.bytes, boundary: "b") }?.message
        == "part 1 of the form: Content-Disposition: the parameter 'name' is not text in UTF-8")
  }

  @Test("there are no more parts than the limit says")
  func count() throws {
    var limits = MultipartForm.Limits()
    limits.parts = 2
    let two = part("x", "1") + part("y", "2")
    #expect(try parts(two + "--b--", limits: limits).count == 2)
    #expect(fault { _ = try parts(two + part("z", "3") + "--b--", limits: limits) }?.kind == .tooLarge)
  }

  @Test(
    "the boundary is read from the header's value",
    arguments: [
      ("multipart/form-data; boundary=abc", "abc"), ("Multipart/Form-Data;charset=utf-8; Boundary=\"a b:c\"", "a b:c"),
      ("multipart/form-data; boundary=----x", "----x"),
    ])
  func boundaries(header: String, boundary: String) throws {
    #expect(try MultipartForm.boundary(of: header) == boundary)
  }

  @Test(
    "a header that names no boundary, or one that is not allowed, is refused",
    arguments: [
      ("application/json", Fault.Kind.unsupported), ("multipart/mixed; boundary=a", .unsupported),
      ("multipart/form-data", .badInput), ("multipart/form-data; boundary=", .badInput),
      ("multipart/form-data; boundary=\"\"", .badInput), ("multipart/form-data; boundary=\"a \"", .badInput),
      ("multipart/form-data; boundary=\"a\u{e9}\"", .badInput), ("multipart/form-data; boundary=\"a\\\\b\"", .badInput),
      ("multipart/form-data; boundary=a; boundary=b", .badInput), ("multipart/form-data; boundary=a b", .badInput),
      ("multipart/form-data; boundary=" + String(repeating: "a", count: 71), .badInput), ("", .badInput),
    ])
  func badBoundaries(header: String, kind: Fault.Kind) {
    #expect(fault { _ = try MultipartForm.boundary(of: header) }?.kind == kind)
  }

  @Test("any content comes back, and whatever a body is turned into, its parts lie within it")
  func damage() throws {
    var dice = SeededRandom(31)
    for _ in 0..<60 {
      let contents = (0..<3).map { _ in
        String((0..<Int.random(in: 0...40, using: &dice)).map { _ in "\r\n-bx\u{0}".randomElement(using: &dice)! })
      }
      let good = contents.enumerated().map { part("p\($0)", $1, boundary: "bxb-") }.joined() + "--bxb---\r\n"
      let found = try? parts(good, boundary: "bxb-")
      if contents.allSatisfy({ !$0.contains("bxb-") }) {
        #expect(found?.map { String(decoding: Array(good.utf8)[$0.content], as: UTF8.self) } == contents)
      }
      for _ in 0..<50 {
        var bytes = Array(good.utf8)
        let at = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: bytes.removeSubrange(at...)
        case 1: bytes[at] = UInt8.random(in: 0...255, using: &dice)
        default: bytes.insert(contentsOf: bytes[..<min(at, 30)], at: at)
        }
        var last = 0
        for part in (try? MultipartForm.parts(of: bytes.span.bytes, boundary: "bxb-")) ?? [] {
          #expect(part.content.lowerBound > last && part.content.upperBound <= bytes.count)
          last = part.content.upperBound
        }
      }
    }
  }
}
