internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Planning
internal import Store

extension JobWork {
  /// Assets that are written down in one transaction, with one pipeline.
  private static let step = 90

  /// Each item may have a reason of its own for which it is refused.
  private func step(of job: Job) -> Int { job.profile == TaskProfile.local.name ? Self.step : Self.step / 2 }

  /// Writes down the items of a job, page by page, and hands out their tasks; goes on where another left off.
  ///
  /// An item whose analysis is there already is kept as it is. `false` where the limit, in seconds, was reached before the end.
  func listItems(_ job: Job, limit: Double = .infinity) throws(Fault) -> Bool {
    let watch = Stopwatch()
    var isFirst = true
    // What was written down last may not have been handed out.
    try handOut(after: max(0, job.counts.listed - Self.step), of: job)
    while let (job, version) = try desk.read(job.id), let cursor = job.cursor, !job.state.isOver, !isStopped() {
      if !isFirst, watch.seconds > limit { return false }
      isFirst = false
      let pages = JobPages(desk.library)
      let (assets, next) = try pages.page(of: job, after: cursor, limit: max(1, step(of: job) / job.pipelines.count))
      let (counted, items, refused) = try entries(assets, in: job)
      var listed = counted
      listed.cursor = next
      listed.settle(now: desk.library.now)
      var writes = JobChange.list(items, of: listed, at: version)
      for reason in refused.values {
        writes.append(JobChange.count(reason, by: reason.count, over: try desk.reason(reason)))
      }
      guard case .committed = try desk.library.table.write(writes) else { continue }
      try desk.handOut(items, of: listed)
      if listed.state.isOver { try desk.notify(listed) }
      beat()
    }
    return !isStopped()
  }

  /// The items that these assets become, the job that counts those of them that are settled, and why items are refused.
  private func entries(
    _ assets: [Asset], in job: Job
  ) throws(Fault) -> (listed: Job, items: [JobItem], refused: [String: JobReason]) {
    let from = job.counts.listed
    var (listed, refused) = (job, [String: JobReason]())
    var items: [JobItem] = []
    for asset in assets {
      for (number, pipeline) in job.pipelines.enumerated() {
        var item = JobItem(
          job: job.id, number: from + items.count, client: job.client, asset: asset.id, pipeline: number)
        let key = LibraryKeys.analysis(asset.id, pipeline: pipeline.digest)
        if try desk.library.table.get(key) != nil {
          item.state = .kept
        } else if let reason = try refusal(asset, pipeline, in: job) {
          item.state = .failed
          (item.reason, item.code) = (reason.message, reason.kind.rawValue)
          let reason = JobReason(item)
          refused[reason.digest, default: JobReason(item, count: 0)].count += 1
        }
        listed.count(item)
        items.append(item)
      }
    }
    return (listed, items, refused)
  }

  private func handOut(after number: Int, of job: Job) throws(Fault) {
    let range = (LibraryKeys.jobItem(job.id, number).sort, LibraryKeys.jobItem(job.id, job.counts.listed).sort)
    var items: [JobItem] = []
    try desk.library.table.forEach(Query(LibraryKeys.jobPartition(job.id), .between(range.0, range.1))) {
      (item) throws(Fault) in items.append(try JobItem(item))
    }
    try desk.handOut(items, of: job)
  }
}

extension Job {
  /// Which assets it is about: none that came after it.
  var filter: AssetFilter {
    var filter = AssetFilter(client: client)
    (filter.group.brand, filter.group.campaign) = (selection.brand, selection.campaign)
    (filter.tags, filter.state, filter.isPicture) = (selection.tags, selection.state, selection.isPicture)
    (filter.text, filter.from) = (selection.text, selection.from)
    if let stream = selection.stream {
      (filter.stream, filter.recording, filter.from) = (stream, selection.recording ?? .continuous, nil)
      filter.recorded = selection.recorded
    }
    filter.before = min(selection.before ?? .max, created + 1)
    return filter
  }
}

/// The assets of a job's selection, page by page.
struct JobPages {
  private let library: Library

  init(_ library: Library) { self.library = library }

  /// The next assets of a job's selection, and where to go on; `nil` behind the last.
  ///
  /// Those whose bytes a node at the edge alone has are left out where they are not named.
  func page(of job: Job, after cursor: String, limit: Int) throws(Fault) -> (assets: [Asset], next: String?) {
    let named = job.selection.assets
    guard named.isEmpty else {
      let start = Int(cursor) ?? 0
      let end = min(named.count, start + limit)
      var assets: [Asset] = []
      for id in named[start..<end] {
        guard let item = try library.table.get(LibraryKeys.asset(id)) else { continue }
        let asset = try Asset(item)
        if asset.group.client.hasSameBytes(as: job.client) { assets.append(asset) }
      }
      return (assets, end < named.count ? "\(end)" : nil)
    }
    let page = try library.list(
      job.filter, scope: .client(job.client), limit: limit, after: cursor.isEmpty ? nil : PageToken(text: cursor))
    return (page.elements.filter { $0.node == nil }, page.next?.text)
  }
}
