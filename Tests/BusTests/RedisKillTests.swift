import Bus
import TestKit
import Testing

@Suite(.enabled(if: RedisServer.isThere, "no redis-server here"))
struct RedisKillTests {
  private let folder = TemporaryFolder()

  private func kills(_ server: RedisServer) throws -> ServerKills {
    let address = server.address(for: folder)
    return ServerKills(folder, "Redis", try RedisBus(address), ["BUS_ADDRESS": address], end: server.end) {
      try server.start()
    }
  }

  @Test func `every task is done and published once, whenever Redis and workers are killed`() throws {
    try kills(try RedisServer()).run(seed: 43)
  }

  @Test func `a worker that was stopped past its lease is refused`() throws {
    try kills(try RedisServer.shared.get()).stopWorker()
  }
}
