// What runs on Node's thread pool: allocation for `createAsync`, and freeing of what has no name.
// Only napi_async_work is used: an environment that ends waits for it. (Raw libuv work aborts Node
// when a worker is terminated; a thread of our own would outlive the member's death byte.)
// Names are made and removed on the environment's own thread, never here.
#ifndef DSM_JOB_HPP
#define DSM_JOB_HPP

#include <napi.h>

#include <atomic>
#include <optional>
#include <utility>

#include "dsm/allocate.hpp"
#include "dsm/error.hpp"
#include "dsm/mapping.hpp"
#include "dsm/mechanism.hpp"

namespace dsm {

inline napi_status QueueWork(napi_env env, napi_async_execute_callback execute,
                             napi_async_complete_callback complete, void* data,
                             napi_async_work* work) {
  napi_value name = nullptr;
  napi_status status = napi_create_string_utf8(env, "dsm", NAPI_AUTO_LENGTH, &name);
  if (status == napi_ok) {
    status = napi_create_async_work(env, nullptr, name, execute, complete, data, work);
  }
  if (status != napi_ok) return status;
  status = napi_queue_async_work(env, *work);
  if (status != napi_ok) napi_delete_async_work(env, *work);
  return status;
}

// Lets go of memory: at once if that is quick, else on the pool. Never fails.
class FreeLater {
 public:
  static constexpr size_t kQuickBytesMax = size_t{1} << 20;

  static void Start(napi_env env, Residue residue) {
    if (residue.bytes <= kQuickBytesMax) return;
    auto* job = new FreeLater(std::move(residue));
    if (QueueWork(env, &Execute, &Complete, job, &job->work_) != napi_ok) delete job;
  }

 private:
  explicit FreeLater(Residue residue) : residue_(std::move(residue)) {}

  static void Execute(napi_env, void* data) {
    static_cast<FreeLater*>(data)->residue_ = Residue();
  }

  static void Complete(napi_env env, napi_status, void* data) {
    auto* job = static_cast<FreeLater*>(data);
    napi_delete_async_work(env, job->work_);
    delete job;
  }

  Residue residue_;
  napi_async_work work_ = nullptr;
};

// One `createAsync`: the name is made, then this allocates, maps, and settles the promise. Two hold
// it, on the environment's thread: the work, and the token by which JavaScript cancels.
template <class M>
class CreateJob {
 public:
  // Returns { promise, token }; null without exception if the environment is ending.
  static napi_value Start(Napi::Env env, typename M::Object object) {
    auto* job = new CreateJob(std::move(object));
    napi_value promise = nullptr;
    napi_value token = nullptr;
    napi_value result = nullptr;
    napi_status status = napi_create_promise(env, &job->deferred_, &promise);
    if (status == napi_ok) {
      status = QueueWork(env, &Execute, &Complete, job, &job->work_);
    }
    if (status != napi_ok) {
      FreeLater::Start(env, M::Undo(*job->object_));
      delete job;
      Throw(env, Failure::Of("create", "napi_queue_async_work", ENOMEM));
      return nullptr;
    }
    if (napi_create_external(env, job, &OnTokenGone, nullptr, &token) == napi_ok) job->holders_ = 2;
    napi_create_object(env, &result);
    napi_set_named_property(env, result, "promise", promise);
    if (token) napi_set_named_property(env, result, "token", token);
    return result;
  }

  // Makes the promise reject soon, unless it is settled already.
  static void Cancel(napi_env env, napi_value token) {
    void* data = nullptr;
    if (napi_get_value_external(env, token, &data) != napi_ok) return;
    auto* job = static_cast<CreateJob*>(data);
    job->cancelled_ = true;
    if (job->work_) napi_cancel_async_work(env, job->work_);
  }

 private:
  explicit CreateJob(typename M::Object object) : object_(std::move(object)) {}

  void Release() {
    if (--holders_ == 0) delete this;
  }

  static void OnTokenGone(napi_env, void* data, void*) { static_cast<CreateJob*>(data)->Release(); }

  static void Execute(napi_env, void* data) {
    auto* job = static_cast<CreateJob*>(data);
    job->failure_ = M::Allocate(*job->object_, &job->cancelled_);
  }

  static void Complete(napi_env env, napi_status status, void* data) {
    auto* job = static_cast<CreateJob*>(data);
    napi_delete_async_work(env, std::exchange(job->work_, nullptr));
    if (status != napi_ok || job->cancelled_) job->failure_ = Cancelled();
    job->Settle(env);
    job->Release();
  }

  void Settle(napi_env env) {
    Range range;
    if (!failure_) failure_ = M::Map(*object_, &range);
    const bool resolved = !failure_ && Resolve(env, range);
    if (!resolved) FreeLater::Start(env, M::Undo(*object_));
    object_.reset();  // the token may live for long
    if (failure_) napi_reject_deferred(env, deferred_, ToError(env, failure_).Value());
  }

  // False in an environment that is ending: nobody will ever hear of the object, so it must go.
  bool Resolve(napi_env env, Range range) {
    napi_value external = Mapping::New(env, range, object_->size, object_->identity);
    if (!external) return false;
    if (napi_resolve_deferred(env, deferred_, external) == napi_ok) return true;
    Mapping::From(env, external)->Detach(env, nullptr);
    return false;
  }

  std::optional<typename M::Object> object_;
  std::atomic<bool> cancelled_{false};
  Failure failure_;
  napi_async_work work_ = nullptr;
  napi_deferred deferred_ = nullptr;
  int holders_ = 1;
};

}  // namespace dsm

#endif
