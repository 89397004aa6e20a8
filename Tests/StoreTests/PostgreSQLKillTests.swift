import Base
import Foundation
import Items
import Store
import TestKit
import Testing

@testable import store_worker

/// A server that dies at any instant, and writers that die beside it.
@Suite(.enabled(if: PostgreSQLServer.isInstalled))
struct PostgreSQLKillTests {
  private let folder = TemporaryFolder()
  private static let worker = Program.path.replacing(/ridley$/, with: "store-worker")

  /// 2, or as many as `RIDLEY_STORE_KILLS` says (`make soak-store`: 50).
  private static let kills = ProcessInfo.processInfo.environment["RIDLEY_STORE_KILLS"].flatMap { Int($0) } ?? 2

  /// Two processes of three threads that write, until they are killed themselves; what they told.
  private func write(to address: String, for seconds: Double) -> String {
    let script = """
      "$0" write "$DB" 13 0 3 >"$OUT.a" 2>"$OUT.e" & a=$!
      "$0" write "$DB" 13 3 3 >"$OUT.b" 2>>"$OUT.e" & b=$!
      sleep "$FOR"; kill -9 $a $b || echo "ended too early"; wait; cat "$OUT.a" "$OUT.e"; echo; cat "$OUT.b"
      """
    let environment = ["DB": address, "OUT": folder.file("out"), "FOR": String(format: "%.3f", seconds)]
    return shell(["bash", "-c", script, Self.worker], environment: environment).output
  }

  @Test func `what was acknowledged outlives kill -9 of the server at any instant, and the changes have no hole`()
    throws
  {
    let server = try PostgreSQLServer(isDurable: true)
    let table = try PostgreSQLTable(server.address(), schema: StoreWork.schema)
    var (random, history) = (SeededRandom(37), History(untold: 2))
    for _ in 0..<Self.kills {
      let (told, address) = (Monitor(""), server.address())
      let instant = Double.random(in: 0.3...1.5, using: &random)
      let workers = NativeThread {
        let output = write(to: address, for: 3)
        told.update { $0 = output }
      }
      Thread.sleep(forTimeInterval: instant)
      server.kill()
      try server.start()
      workers.join()
      try history.hear(told.update { $0 })
      try waitUntil("what the killed workers began to end") {
        server.run("SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> pg_backend_pid()")
          .output == "0\n"
      }
      // the table was opened before the first kill, and its connections died with each
      try history.check(table)
    }
    #expect(history.acknowledged > Self.kills * 10, "so few were written that little was tried")
    print(
      "\(Self.kills) kills of PostgreSQL, \(history.acknowledged) transactions acknowledged, \(history.changes) changes read"
    )
  }
}
