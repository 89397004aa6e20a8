internal import Base
internal import Bus
internal import Catalog
internal import Items
internal import Library
internal import Store

extension JobDesk {
  /// Hands out the tasks of items that wait.
  func handOut(_ items: [JobItem], of job: Job) throws(Fault) {
    let waiting = items.filter { $0.state == .waiting }
    guard !waiting.isEmpty else { return }
    try add(waiting.map { JobTask(.item, job.id, number: $0.number, generation: $0.generation) }, of: job)
  }

  /// Hands out what an item that was cut is still missing.
  func handOut(piecesOf item: JobItem, of job: Job) throws(Fault) {
    let prefix = LibraryKeys.jobPieces(item.number, generation: item.generation)
    var done: Set<String> = []
    try library.table.forEach(Query(LibraryKeys.jobPartition(job.id), .prefix(prefix))) { done.insert($0.key.sort) }
    let missing = (0..<item.pieces).filter {
      !done.contains(LibraryKeys.jobPiece(job.id, item.number, generation: item.generation, $0).sort)
    }
    let tasks =
      missing.isEmpty ? [JobTask(.merge, of: item)] : missing.map { JobTask(.piece, of: item, piece: $0) }
    try add(tasks, of: job)
  }

  /// Hands out again what jobs that run wait for, where nothing of them is on the bus: whoever was to do so ended before.
  ///
  /// For those who have nothing else to do. What was handed out before is not handed out twice.
  func handOutForgotten() throws(Fault) {
    for client in try library.clients(scope: .all) {
      var token: PageToken?
      repeat {
        let page = try list(client: client.name, state: .running, scope: .all, limit: 100, after: token)
        for job in page.elements where !job.isExternal { try handOutForgotten(of: job) }
        token = page.next
      } while token != nil
    }
  }

  private func handOutForgotten(of job: Job) throws(Fault) {
    let counts = try bus.counts(group: job.id.text)
    guard counts.waiting + counts.held + counts.leased + counts.delayed == 0 else { return }
    guard job.isListed else { return try add([JobTask(.list, job.id, number: job.round)], of: job) }
    try handOutWaiting(of: job)
  }

  /// Hands out whatever a job waits for.
  func handOutWaiting(of job: Job) throws(Fault) {
    for state in [JobItem.State.waiting, .cut] {
      var token: PageToken?
      repeat {
        let page = try items(of: job, state: state, limit: 100, after: token)
        try handOut(page.elements, of: job)
        for item in page.elements where item.state == .cut { try handOut(piecesOf: item, of: job) }
        token = page.next
      } while token != nil
    }
  }
}
