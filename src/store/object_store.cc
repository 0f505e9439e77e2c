#include "store/object_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "store/object_reader.h"
#include "store/object_writer.h"
#include "store/path.h"

namespace claimlake::store {
namespace {

// A text that is less than `name` and not greater than what follows it in a list: services list
// what is greater than a key, we list what is not less.
std::string before(std::string_view name) {
  std::string text(name);
  do {
    if (text.empty()) return text;
    // The last letter, with all bytes of it.
    while (text.size() > 1 && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80)
      text.pop_back();
    text.pop_back();
  } while (!is_utf8(text));
  return text;
}

Result<std::int64_t> content_length(const net::Response& response, const std::string& what) {
  const std::string_view text = response.headers.get("Content-Length");
  const std::int64_t size = whole_number(text).value_or(-1);
  if (size < 0) {
    return Error{Fault::kUnavailable, "cannot " + what + ": the answer does not say its length"};
  }
  return size;
}

Error unexpected(const std::string& what) {
  return {Fault::kUnavailable, "cannot " + what + ": the service answers what does not fit", "",
          "check that the endpoint is that of an object store"};
}

}  // namespace

ObjectStore::ObjectStore(std::shared_ptr<const Courier> courier, std::string root,
                         const std::string& prefix)
    : courier_(std::move(courier)),
      root_(std::move(root)),
      prefix_(prefix.empty() ? "" : prefix + "/") {}

std::string ObjectStore::say(std::string_view verb, std::string_view path) const {
  return fmt::format("{} '{}{}{}'", verb, root_, path.empty() ? "" : "/", path);
}

Error ObjectStore::not_found(std::string_view verb, std::string_view path) const {
  return Error{Fault::kNotFound, fmt::format("cannot {}: it does not exist", say(verb, path))};
}

Result<ObjectInfo> ObjectStore::head(std::string_view path) const {
  TRY_DONE(check_path(path));
  const std::string what = say("look at", path);
  TRY(const Answer answer,
      courier_->send({.kind = Call::Kind::kHead, .method = "HEAD", .key = key_of(path)}, what));
  if (answer.verdict != Verdict::kGood) return not_found("look at", path);
  TRY(const std::int64_t size, content_length(answer.response, what));
  TRY(const Timestamp modified_at, parse_http_date(answer.response.headers.get("Last-Modified")));
  return ObjectInfo{std::string(path), size, modified_at};
}

Result<std::string> ObjectStore::read(std::string_view path) const {
  TRY_DONE(check_path(path));
  return read_object(*courier_, key_of(path), say("read", path));
}

Result<std::unique_ptr<Reader>> ObjectStore::open(std::string_view path) const {
  TRY_DONE(check_path(path));
  return open_object(courier_, key_of(path), say("read", path));
}

Result<Listing> ObjectStore::list_pages(ListRequest request, std::string_view folder) const {
  const std::string what = say("list", folder);
  Listing all;
  for (;;) {
    TRY(const Answer answer, courier_->send(courier_->service().list(request), what));
    if (answer.verdict != Verdict::kGood) return all;
    auto page = courier_->service().parse_list(answer.response.body);
    if (!page) return std::move(page).error().in("cannot " + what);
    std::move(page->objects.begin(), page->objects.end(), std::back_inserter(all.objects));
    std::move(page->folders.begin(), page->folders.end(), std::back_inserter(all.folders));
    if (page->next.empty()) return all;
    if (page->next == request.next) {
      return Error{Fault::kUnavailable,
                   "cannot " + what + ": the service answers the same page again and again"};
    }
    request.next = page->next;
  }
}

Result<Listing> ObjectStore::list_folder(std::string_view folder, bool one_folder,
                                         std::string_view start_name) const {
  TRY_DONE(check_folder(folder));
  const std::string inside = folder.empty() ? prefix_ : key_of(folder) + "/";
  const std::string start = before(start_name);
  TRY(Listing listing,
      list_pages({inside, one_folder, start.empty() ? "" : inside + start, ""}, folder));
  const std::string hidden = std::string(kHiddenFolder) + "/";
  // Programs for people keep keys that no path of ours has, such as "a/" for an empty folder.
  std::erase_if(listing.objects, [&](ObjectInfo& object) {
    if (!object.path.starts_with(inside)) return true;
    if (std::string_view(object.path).substr(inside.size()) < start_name) return true;
    object.path.erase(0, prefix_.size());
    return !check_path(object.path);
  });
  std::erase_if(listing.folders, [&](std::string& key) {
    if (!key.starts_with(inside) || !key.ends_with('/')) return true;
    key.erase(0, inside.size());
    if (folder.empty() && key == hidden) return true;
    key.pop_back();
    return !check_path(key);
  });
  std::sort(listing.objects.begin(), listing.objects.end(),
            [](const ObjectInfo& a, const ObjectInfo& b) { return a.path < b.path; });
  std::sort(listing.folders.begin(), listing.folders.end());
  return listing;
}

Result<std::vector<ObjectInfo>> ObjectStore::list(std::string_view folder,
                                                  std::string_view start_name) const {
  TRY(Listing listing, list_folder(folder, true, start_name));
  return std::move(listing.objects);
}

Result<std::vector<ObjectInfo>> ObjectStore::list_all(std::string_view folder) const {
  TRY(Listing listing, list_folder(folder, false, {}));
  return std::move(listing.objects);
}

Result<std::vector<std::string>> ObjectStore::list_folders(std::string_view folder) const {
  TRY(Listing listing, list_folder(folder, true, {}));
  return std::move(listing.folders);
}

Result<Put> ObjectStore::put_if_absent_unchecked(const std::string& key, std::string_view bytes,
                                                 const std::string& what) {
  auto answer = courier_->send(courier_->service().put(key, bytes, true), what);
  if (!answer) {
    if (answer.error().fault == Fault::kTimeout) return Put::kAmbiguous;
    return std::move(answer).error();
  }
  if (answer->verdict == Verdict::kGood) return Put::kDone;
  if (answer->verdict != Verdict::kExists) return unexpected(what);
  // The object that holds the name may be ours, from an attempt whose answer was lost.
  return answer->maybe_done_before ? Put::kAmbiguous : Put::kExists;
}

Done ObjectStore::probe() {
  const std::string path = std::string(kHiddenFolder) + "/probe-" + uuid4(courier_->random());
  const std::string what = say("try to write", path);
  TRY_DONE(put_if_absent_unchecked(key_of(path), "probe", what));
  const auto second = put_if_absent_unchecked(key_of(path), "probe again", what);
  const auto removed = courier_->send(
      {.kind = Call::Kind::kRemove, .method = "DELETE", .key = key_of(path)}, say("remove", path));
  if (!removed) {
    log(LogLevel::kWarning, "store.left_probe",
        {{"path", path}, {"reason", removed.error().message}});
  }
  if (!second) return second.error();
  if (*second == Put::kExists) return done();
  if (*second == Put::kAmbiguous) {
    return Error{Fault::kUnavailable,
                 "whether the service keeps two writers apart could not be learnt: its answer was "
                 "lost, and nothing was written",
                 root_, "try again"};
  }
  not_writable_ = Error{
      Fault::kInvalidInput,
      "the service of this lake ignores If-None-Match, so that two writers could replace each "
      "other's commits: nothing is written to it",
      root_,
      "it can be read; to write, use a service with conditional writes (Amazon S3, Azure, MinIO, "
      "versitygw) or a newer version of this one"};
  return *not_writable_;
}

Done ObjectStore::check_writable() {
  const std::lock_guard lock(probing_);
  if (not_writable_) return *not_writable_;
  if (writable_) return done();
  if (!courier_->service().is_known_to_put_if_absent()) {
    TRY_DONE(probe());
  }
  writable_ = true;
  return done();
}

Result<Put> ObjectStore::put_if_absent(std::string_view path, std::string_view bytes) {
  TRY_DONE(check_path(path));
  TRY_DONE(check_writable());
  return put_if_absent_unchecked(key_of(path), bytes, say("write", path));
}

Done ObjectStore::put(std::string_view path, std::string_view bytes) {
  TRY_DONE(check_path(path));
  TRY_DONE(check_writable());
  const std::string what = say("write", path);
  TRY(const Answer answer,
      courier_->send(courier_->service().put(key_of(path), bytes, false), what));
  if (answer.verdict != Verdict::kGood) return unexpected(what);
  return done();
}

Result<std::unique_ptr<Writer>> ObjectStore::create(std::string_view path) {
  TRY_DONE(check_path(path));
  TRY_DONE(check_writable());
  return make_object_writer(courier_, key_of(path), say("write", path));
}

Done ObjectStore::remove(std::string_view path) {
  TRY_DONE(check_path(path));
  if (!courier_->service().reports_removal_of_absent()) {
    TRY_DONE(head(path));
  }
  TRY(const Answer answer,
      courier_->send({.kind = Call::Kind::kRemove, .method = "DELETE", .key = key_of(path)},
                     say("remove", path)));
  // An attempt whose answer was lost has removed it.
  if (answer.verdict == Verdict::kAbsent && !answer.maybe_done_before)
    return not_found("remove", path);
  return done();
}

}  // namespace claimlake::store
