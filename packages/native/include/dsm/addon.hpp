// The JavaScript functions of an addon, made once for any mechanism (see mechanism.hpp).
// `NativeAddon` in @dsm/impl is their TypeScript side. Arguments come from there, checked; what is
// checked again here is only what would be undefined behaviour otherwise.
// Functions are template instances and mappings are Externals, not wrapped objects: a call costs
// 10 ns instead of 50.
#ifndef DSM_ADDON_HPP
#define DSM_ADDON_HPP

#include <napi.h>

#include <cmath>
#include <cstdint>

#include "dsm/error.hpp"
#include "dsm/job.hpp"
#include "dsm/mapping.hpp"
#include "dsm/mechanism.hpp"

namespace dsm {

// A size from JavaScript: an integer of [1, 2^53 - 1 - page], so that rounding up cannot overflow.
inline bool SizeFrom(const Napi::Value& value, size_t* size) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
  if (!(number >= 1) || number > 9007199254675456.0 || number != std::trunc(number)) return false;
  *size = static_cast<size_t>(number);
  return true;
}

template <class M>
class Addon {
 public:
  static Napi::Object Register(Napi::Env env, Napi::Object exports) {
    exports.Set("pageSize", Napi::Number::New(env, static_cast<double>(PageSize())));
    exports.Set("create", Napi::Function::New<Create>(env, "create"));
    exports.Set("createAsync", Napi::Function::New<CreateAsync>(env, "createAsync"));
    exports.Set("cancel", Napi::Function::New<Cancel>(env, "cancel"));
    exports.Set("attach", Napi::Function::New<Attach>(env, "attach"));
    exports.Set("destroy", Napi::Function::New<Destroy>(env, "destroy"));
    exports.Set("buffer", Napi::Function::New<Buffer>(env, "buffer"));
    exports.Set("part", Napi::Function::New<Part>(env, "part"));
    exports.Set("detach", Napi::Function::New<Detach>(env, "detach"));
    exports.Set("identity", Napi::Function::New<Identity>(env, "identity"));
    exports.Set("quarantined", Napi::Function::New<Quarantined>(env, "quarantined"));
    return exports;
  }

 private:
  using Info = Napi::CallbackInfo;

  static Napi::Value Fail(const Info& info, const Failure& failure) {
    Throw(info.Env(), failure);
    return {};
  }

  static Failure Invalid(const char* verb) { return Failure::Of(verb, "arguments", EINVAL); }

  // create(spare, size, …name) → mapping, or null if the name is taken. A spare is a mapping that
  // is detached and never had a buffer, or undefined.
  static Napi::Value Create(const Info& info) {
    size_t size = 0;
    if (!SizeFrom(info[1], &size)) return Fail(info, Invalid("create"));
    typename M::Object object(M::NameFrom(info, 2), size);
    bool taken = false;
    Failure failure = M::Make(object, &taken);
    if (taken) return info.Env().Null();
    if (failure) return Fail(info, failure);
    Range range;
    failure = M::Allocate(object, nullptr);
    if (!failure) failure = M::Map(object, &range);
    if (failure) {
      FreeLater::Start(info.Env(), M::Undo(object));
      return Fail(info, failure);
    }
    const napi_value mapping = Mapping::New(info.Env(), range, size, object.identity, info[0]);
    if (!mapping) FreeLater::Start(info.Env(), M::Undo(object));
    return Napi::Value(info.Env(), mapping);
  }

  // createAsync(size, …name) → { promise, token }, or null if the name is taken
  static Napi::Value CreateAsync(const Info& info) {
    size_t size = 0;
    if (!SizeFrom(info[0], &size)) return Fail(info, Invalid("create"));
    typename M::Object object(M::NameFrom(info, 1), size);
    bool taken = false;
    const Failure failure = M::Make(object, &taken);
    if (taken) return info.Env().Null();
    if (failure) return Fail(info, failure);
    return Napi::Value(info.Env(), CreateJob<M>::Start(info.Env(), std::move(object)));
  }

  // cancel(token)
  static void Cancel(const Info& info) { CreateJob<M>::Cancel(info.Env(), info[0]); }

  // attach(spare, size, …name) → mapping
  static Napi::Value Attach(const Info& info) {
    size_t size = 0;
    if (!SizeFrom(info[1], &size)) return Fail(info, Invalid("open"));
    typename M::Name name = M::NameFrom(info, 2);
    Range range;
    double identity = 0;
    if (Failure failure = M::Attach(name, size, &range, &identity)) return Fail(info, failure);
    return Napi::Value(info.Env(), Mapping::New(info.Env(), range, size, identity, info[0]));
  }

  // destroy(identity, size, recordedAtMs, creatorPid, …name) → whether the name is free now.
  // Identity is undefined where there is no evidence, and then so are the three behind it.
  static Napi::Value Destroy(const Info& info) {
    const Evidence evidence = EvidenceFrom(info);
    typename M::Name name = M::NameFrom(info, 4);
    bool removed = false;
    Residue residue;
    const Failure failure = M::Destroy(name, evidence, &removed, &residue);
    if (failure) return Fail(info, failure);
    FreeLater::Start(info.Env(), std::move(residue));
    return Napi::Boolean::New(info.Env(), removed);
  }

  // Arguments and not one object: reading the fields of an object can run JavaScript, and fail.
  // What is no number is 0, which no object matches.
  static Evidence EvidenceFrom(const Info& info) {
    if (!info[0].IsNumber()) return {};
    double numbers[4] = {};
    for (size_t index = 0; index < 4; index++) {
      napi_get_value_double(info.Env(), info[index], &numbers[index]);
    }
    return Evidence{true, numbers[0], numbers[1], numbers[2], numbers[3]};
  }

  // buffer(mapping) → the ArrayBuffer. Once per mapping, before detach.
  static Napi::Value Buffer(const Info& info) {
    Mapping* mapping = Mapping::From(info.Env(), info[0]);
    if (!mapping || !mapping->IsMapped()) return Fail(info, Invalid("map"));
    napi_value buffer = nullptr;
    if (Failure failure = mapping->MakeBuffer(info.Env(), &buffer)) return Fail(info, failure);
    return Napi::Value(info.Env(), buffer);
  }

  // part(spare, mapping, offset, size) → another mapping
  static Napi::Value Part(const Info& info) {
    Mapping* mapping = Mapping::From(info.Env(), info[1]);
    size_t offset = 0;
    size_t size = 0;
    const bool zero = info[2].IsNumber() && info[2].As<Napi::Number>().DoubleValue() == 0;
    if (!mapping || !(zero || SizeFrom(info[2], &offset)) || !SizeFrom(info[3], &size)) {
      return Fail(info, Invalid("map"));
    }
    Range range;
    if (Failure failure = mapping->Part(offset, size, &range)) return Fail(info, failure);
    const double identity = mapping->Identity();
    return Napi::Value(info.Env(), Mapping::New(info.Env(), range, size, identity, info[0]));
  }

  // detach(mapping, buffer or undefined) → its identity, as `identity` says it
  static Napi::Value Detach(const Info& info) {
    if (Mapping* mapping = Mapping::From(info.Env(), info[0])) mapping->Detach(info.Env(), info[1]);
    return Identity(info);
  }

  // identity(mapping) → number
  static Napi::Value Identity(const Info& info) {
    const Mapping* mapping = Mapping::From(info.Env(), info[0]);
    return Napi::Number::New(info.Env(), mapping ? mapping->Identity() : 0);
  }

  // quarantined() → how many ranges wait to be unmapped; for tests
  static Napi::Value Quarantined(const Info& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(Quarantine::Count()));
  }
};

}  // namespace dsm

#endif
