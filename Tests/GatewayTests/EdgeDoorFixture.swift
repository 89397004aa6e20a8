import Base
import Crypto
import Edge
import Fleet
import Foundation
import JSON
import Library
import LibraryKit
import Objects
import TestKit
import Web

@testable import Gateway

/// A centre's door, with a library behind it, and the folders of its nodes.
final class EdgeDoorFixture {
  let ground: Ground
  let book: FleetBook
  let fleet: FleetDesk
  let server: Server
  let pin: [UInt8]
  let wish = Wish()
  /// What is told of requests after their answer: route and status.
  let told = Monitor<[String]>([])

  /// A part of the centre that wants of every node what its test says.
  final class Wish: CentrePart {
    let name = "wish"
    let order = Monitor<[UInt8]?>(nil)
    let heard = Monitor<[String]>([])

    func order(for node: FleetNode, report: JSONValue?) throws(Fault) -> [UInt8]? {
      let said = try report?.members().first { $0.key == "word" }?.value.string()
      heard.update { $0.append("\(node.name.text): \(said ?? "-")") }
      return order.update { $0 }
    }
  }

  init(keepsLedgers: Bool = false) throws {
    ground = try Ground(.embedded)
    book = FleetBook(try ground.library())
    let made = try SelfSignedCertificate(name: "ridley centre")
    let file = ground.folder.file("door.pem")
    try FileSystem.write(made.pem, to: file, isSecret: true)
    pin = made.fingerprint
    let ledger = keepsLedgers ? try LedgerDesk(book.library, examiner: AnyExaminer()) { _ in } : nil
    fleet = try FleetDesk(
      book, pins: [pin], bundleKeys: [[UInt8](repeating: 9, count: 32)], parts: [wish], ledger: ledger
    ) { _ in }
    var options = ServerOptions()
    options.tls = ServerOptions.TLS(certificate: file, key: file)
    options.tls?.asksClients = true
    let told = told
    server = try Server(
      options,
      handler: EdgeDoor(fleet) { record, route, _ in told.update { $0.append("\(route ?? "-") \(record.status)") } })
    server.start()
  }

  func end() { server.drain(within: 2) }

  var address: CentreAddress { get throws { try CentreAddress("https://127.0.0.1:\(server.port)") } }

  func token(_ name: String) throws -> TokenWord {
    try book.makeToken(TokenRequest(name: try NodeName(name), client: "acme", groups: ["west"]), pin: pin).word
  }

  func folder(_ name: String) throws -> NodeFolder { try NodeFolder(library: ground.folder.file("nodes/\(name)")) }

  /// A node that is enrolled, and its way to the centre.
  func node(_ name: String) throws -> CentreConnection {
    let folder = try folder(name)
    guard case .enrolled(let enrolment) = try Enrolment(folder, at: try address).enrol(try token(name)) else {
      throw Fault(.bug, "the node '\(name)' was not taken")
    }
    return CentreConnection(try address, identity: folder.identity(of: enrolment), pins: enrolment.pins)
  }

  /// A key that nobody knows.
  func stranger(_ name: String = "stranger") throws -> (connection: CentreConnection, file: String) {
    let file = ground.folder.file("\(name).pem")
    try FileSystem.write(try SelfSignedCertificate(name: "ridley node").pem, to: file, isSecret: true)
    return (CentreConnection(try address, identity: file, pins: [pin]), file)
  }

  func beat(_ connection: CentreConnection, _ body: String = #"{"report":{}}"#) throws -> Int {
    try connection.ask("POST", "/v1/edge/beat", body: .bytes(Array(body.utf8))).status
  }

  /// Status and answer of `curl`, which checks nothing of the door.
  func curl(_ arguments: [String], _ path: String = "/v1/edge/beat", scheme: String = "https") -> ShellResult {
    shell(
      ["curl", "-sk", "--max-time", "10", "-w", " %{http_code}", "--data", #"{"report":{}}"#] + arguments
        + ["\(scheme)://127.0.0.1:\(server.port)\(path)"])
  }
}
