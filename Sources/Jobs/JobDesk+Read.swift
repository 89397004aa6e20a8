public import Base
public import Catalog
public import Items
internal import Library
internal import Store

extension JobDesk {
  /// The job, where it is there and the caller may see it; else the fault `notFound`, one as the other.
  public func job(_ id: String, scope: ClientScope) throws(Fault) -> Job {
    guard let ulid = ULID(id), let job = try read(ulid)?.job, scope.covers(job.client) else { throw Self.noJob(id) }
    return job
  }

  /// The one job of the client, or of any, whose id ends so, among the newest 1000 of each; 4 characters or more do.
  public func job(endingIn end: String, client: String?, scope: ClientScope) throws(Fault) -> Job {
    guard end.utf8.count < 26 else { return try job(end, scope: scope) }
    guard end.utf8.count >= 4 else {
      throw Fault(.usage, "'\(end)' is too short for the end of a job's id: say 4 characters or more")
    }
    let capitals = end.uppercased()
    let clients = if let client { [client] } else { try library.clients(scope: scope).map(\.name) }
    var found: [Job] = []
    for client in clients {
      found += try list(client: client, state: nil, scope: scope, limit: 1000).elements
        .filter { $0.id.text.hasSuffix(capitals) }
    }
    guard found.count <= 1 else { throw Fault(.usage, "\(found.count) jobs end in '\(end)': say more of the id") }
    guard let job = found.first else { throw Self.noJob(end) }
    return job
  }

  /// A page of a client's jobs, the newest first.
  public func list(
    client: String, state: Job.State?, scope: ClientScope, limit: Int, after token: PageToken? = nil
  ) throws(Fault) -> Page<Job> {
    guard scope.covers(client) else { return Page(elements: [], next: nil) }
    let index = state == nil ? LibrarySchema.jobs : LibrarySchema.jobState
    let last = state.map { ["STATE", $0.rawValue] } ?? ["JOBS"]
    let query = Query(CompositeKey.joined(["CLIENT", client] + last), order: .descending, limit: limit)
    let page = try library.table.entries(of: index, query, after: token)
    var jobs: [Job] = []
    for item in try library.table.present(of: page.elements) { jobs.append(try Job(item)) }
    return Page(elements: jobs, next: page.next)
  }

  /// A page of a job's items, in their order, or of those in one state.
  public func items(
    of job: Job, state: JobItem.State?, limit: Int, after token: PageToken? = nil
  ) throws(Fault) -> Page<JobItem> {
    var items: [JobItem] = []
    guard let state else {
      let query = Query(LibraryKeys.jobPartition(job.id), .prefix(LibraryKeys.jobItems), limit: limit)
      let page = try library.table.items(query, after: token)
      for item in page.elements { items.append(try JobItem(item)) }
      return Page(elements: items, next: page.next)
    }
    let partition = CompositeKey.joined("CLIENT", job.client, "JOB", job.id.text, "STATE", state.rawValue)
    let page = try library.table.entries(of: LibrarySchema.jobItemState, Query(partition, limit: limit), after: token)
    for item in try library.table.present(of: page.elements) { items.append(try JobItem(item)) }
    return Page(elements: items, next: page.next)
  }

  /// A page of the reasons for which items failed, each with how many did.
  public func reasons(of job: Job, limit: Int, after token: PageToken? = nil) throws(Fault) -> Page<JobReason> {
    let query = Query(LibraryKeys.jobPartition(job.id), .prefix(LibraryKeys.jobReasons), limit: limit)
    let page = try library.table.items(query, after: token)
    var reasons: [JobReason] = []
    for item in page.elements { reasons.append(try JobReason(item)) }
    return Page(elements: reasons, next: page.next)
  }
}
