public import Base
public import Catalog
public import Items
internal import Library
internal import Store

extension JobDesk {
  /// Failed items that are looked through for those of one reason, for one page.
  private static let mostLookedThrough = 2000

  /// A page of the items that failed for one reason, by its digest; none where there is no such reason, or no more.
  ///
  /// A page holds fewer than `limit` where the others failed for other reasons: it is the last where there is no next one.
  public func items(
    of job: Job, reason digest: String, limit: Int, after token: PageToken? = nil
  ) throws(Fault) -> Page<JobItem> {
    let key = LibraryKeys.jobReason(job.id, digest: digest)
    guard let found = try library.table.get(key) else { return Page(elements: [], next: nil) }
    let reason = try JobReason(found).reason
    var (items, token, seen) = ([JobItem](), token, 0)
    repeat {
      let page = try self.items(of: job, state: .failed, limit: limit - items.count, after: token)
      items += page.elements.filter { ($0.reason ?? "") == reason }
      (token, seen) = (page.next, seen + page.elements.count)
    } while token != nil && 2 * items.count < limit && seen < Self.mostLookedThrough
    return Page(elements: items, next: token)
  }
}
