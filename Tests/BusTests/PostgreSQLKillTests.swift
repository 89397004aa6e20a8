import Bus
import TestKit
import Testing

@Suite(.enabled(if: PostgreSQLServer.isInstalled, "no PostgreSQL here"))
struct PostgreSQLKillTests {
  private let folder = TemporaryFolder()

  private func kills(_ server: PostgreSQLServer) throws -> ServerKills {
    let environment = ["BUS_ADDRESS": server.address(), "BUS_SCHEMA": PostgreSQLServer.schema(of: folder)]
    return ServerKills(folder, "PostgreSQL", try server.bus(for: folder), environment, end: server.kill) {
      try server.start()
    }
  }

  @Test func `every task is done and published once, whenever PostgreSQL and workers are killed`() throws {
    try kills(try PostgreSQLServer(isDurable: true)).run(seed: 47)
  }

  @Test func `a worker that was stopped past its lease is refused`() throws {
    try kills(try PostgreSQLServer.shared.get()).stopWorker()
  }
}
