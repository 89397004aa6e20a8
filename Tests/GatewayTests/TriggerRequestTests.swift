import Access
import Base
import Bus
import Catalog
import Jobs
import Library
import TestKit
import Testing

@testable import Gateway

struct TriggerRequestTests {
  @Test("No key, whatever it may do, has the server watch a folder or a bucket")
  func places() throws {
    let server = try SignedServer()
    defer { server.end() }
    let key = try server.makeKey("acme", [.read, .write, .admin])
    for body in [
      #"{"on":"folder","folder":"s3://secrets/in","pipeline":"p"}"#, #"{"on":"folder","folder":"/etc","pipeline":"p"}"#,
      #"{"on":"asset","folder":"s3://secrets/in","pipeline":"p"}"#, #"{"on":"folder","pipeline":"p"}"#,
    ] {
      let answer = try server.ask("POST", "/v1/triggers", [("Authorization", "Bearer \(key.text)")], body: body)
      #expect(answer.status == 400 && answer.text.contains("ridley trigger add --on folder"), "\(answer.text)")
    }
    let desk = TriggerDesk(JobDesk(server.library, bus: try SQLiteBus("\(server.library.path)/library.db")))
    #expect(try desk.list(client: "acme", scope: .all).isEmpty)
  }
}
