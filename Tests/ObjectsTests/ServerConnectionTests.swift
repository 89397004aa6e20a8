import Base
import Foundation
import Objects
import TestKit
import Testing

struct ServerConnectionTests {
  private let folder = TemporaryFolder()
  private let server: LocalServer

  init() throws {
    try Data((0..<100_000).map { UInt8($0 % 251) }).write(to: URL(filePath: folder.file("bytes")))
    server = try LocalServer(folder: folder.path)
  }

  @Test(
    "Any status is an answer, with its headers and body; several go over one connection, and no redirect is followed")
  func answers() throws {
    let connection = try ServerConnection()
    for _ in 0..<3 {
      let whole = try connection.send(ServerRequest("GET", server.address + "/bytes"))
      #expect(whole.status == 200 && whole.body.count == 100_000 && whole["content-length"] == "100000")
      let none = try connection.send(ServerRequest("GET", server.address + "/none"))
      #expect(none.status == 404 && none.body == Array("not here".utf8))
      let away = try connection.send(ServerRequest("GET", server.address + "/away"))
      #expect(away.status == 302 && away["LOCATION"] == "file:///etc/hostname")
    }
  }

  @Test("A body goes into the sink where the answer is a success, and a sink's fault ends the request")
  func sink() throws {
    let connection = try ServerConnection()
    var bytes: [UInt8] = []
    let whole = try connection.send(ServerRequest("GET", server.address + "/bytes")) { bytes += $0 }
    #expect(whole.body.isEmpty && bytes.count == 100_000 && bytes[250] == 250)
    let none = try connection.send(ServerRequest("GET", server.address + "/none")) { bytes += $0 }
    #expect(none.body == Array("not here".utf8) && bytes.count == 100_000)
    let full = Fault(.exhausted, "the disk is full")
    #expect(throws: full) {
      try connection.send(ServerRequest("GET", server.address + "/bytes")) { (_) throws(Fault) in throw full }
    }
  }

  @Test("Answers that are too long, or broken, or not wanted any more, and servers that are none, are faults")
  func faults() throws {
    var limits = ServerConnection.Limits()
    limits.answerByteCount = 99_999
    let connection = try ServerConnection(limits: limits)
    for (address, kind, goesOn) in [
      (server.address + "/bytes", .tooLarge, true), (server.address + "/slow/bytes", .closed, false),
      (server.address + "/cut/bytes", .unavailable, true), ("http://127.0.0.1:1/", .unavailable, true),
      ("ftp://127.0.0.1/", .usage, true),
    ] as [(String, Fault.Kind, Bool)] {
      let fault = #expect(throws: Fault.self) {
        try connection.send(ServerRequest("GET", address), goesOn: { _ in goesOn })
      }
      #expect(fault?.kind == kind, "\(address): \(String(describing: fault))")
    }
  }
}
