// The native half of the TorchSharp stand-in: a C interface to libtorch with one door for every operator.
// A tensor handle is an owned reference to a TensorImpl. No C++ exception leaves this file: a function that fails
// returns -1 (or null) and pss_error() has the message. Compiles unchanged against libtorch 1.13 to 2.x.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#define PSS extern "C" __attribute__((visibility("default")))

namespace {

using Handle = c10::TensorImpl*;
using TensorPtr = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;
using Stack = std::vector<c10::IValue>;

enum Tag : int32_t { None, TensorTag, Int, Double, Bool, IntList, DoubleList, TensorList, OptionalTensorList, String, DeviceTag, GeneratorTag };

// Mirrored by NativeValue in Op.cs.
struct Value {
  int32_t tag;
  int32_t length;
  union {
    int64_t integer;
    double real;
    void* pointer;
  };
};

struct Info {
  int64_t dim;
  int64_t numel;
  int32_t dtype;
  int32_t device_type;
  int32_t device_index;
  int32_t contiguous;
};

thread_local std::string error;
thread_local Stack spare_stack;

template <typename T, typename F>
T guarded(T failure, F&& body) noexcept {
  try {
    return body();
  } catch (const c10::Error& e) {
    error = e.what_without_backtrace();
  } catch (const std::bad_alloc&) {
    error = "out of memory: the C++ allocator has none left";
  } catch (const std::exception& e) {
    error = e.what();
  } catch (...) {
    error = "an unknown C++ exception";
  }
  return failure;
}

template <typename F>
int guarded(F&& body) noexcept {
  return guarded(-1, [&] {
    body();
    return 0;
  });
}

at::Tensor borrow(Handle handle) {
  return handle == nullptr ? at::Tensor() : at::Tensor(TensorPtr::reclaim_copy(handle));
}

Handle release(at::Tensor&& tensor) {
  return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

std::vector<at::Tensor> borrow(Handle* handles, int count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int i = 0; i < count; ++i) tensors.push_back(borrow(handles[i]));
  return tensors;
}

c10::Device device_of(int type, int index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

c10::IValue to_ivalue(const Value& value) {
  switch (value.tag) {
    case None:
      return c10::IValue();
    case TensorTag:
      return c10::IValue(borrow(static_cast<Handle>(value.pointer)));
    case Int:
      return c10::IValue(value.integer);
    case Double:
      return c10::IValue(value.real);
    case Bool:
      return c10::IValue(value.integer != 0);
    case IntList:
      return c10::IValue(c10::ArrayRef<int64_t>(static_cast<int64_t*>(value.pointer), value.length));
    case DoubleList: {
      auto* first = static_cast<double*>(value.pointer);
      return c10::IValue(std::vector<double>(first, first + value.length));
    }
    case TensorList: {
      c10::List<at::Tensor> list;
      list.reserve(value.length);
      for (int i = 0; i < value.length; ++i) list.push_back(borrow(static_cast<Handle*>(value.pointer)[i]));
      return c10::IValue(std::move(list));
    }
    case OptionalTensorList: {
      // The element type's name changed between versions: it is taken from the operator's own list type.
      decltype(std::declval<c10::IValue&>().toOptionalTensorList()) list;
      list.reserve(value.length);
      for (int i = 0; i < value.length; ++i) {
        auto* handle = static_cast<Handle*>(value.pointer)[i];
        if (handle == nullptr)
          list.push_back({});
        else
          list.push_back(borrow(handle));
      }
      return c10::IValue(std::move(list));
    }
    case String:
      return c10::IValue(std::string(static_cast<char*>(value.pointer), value.length));
    case DeviceTag:
      return c10::IValue(device_of(value.length, static_cast<int>(value.integer)));
    case GeneratorTag:
      return c10::IValue(*static_cast<at::Generator*>(value.pointer));
    default:
      TORCH_CHECK(false, "unknown argument tag ", value.tag);
  }
}

Value to_value(c10::IValue&& result) {
  Value value{None, 0, {0}};
  if (result.isTensor()) {
    value.tag = TensorTag;
    value.pointer = release(std::move(result).toTensor());
  } else if (result.isBool()) {
    value.tag = Bool;
    value.integer = result.toBool();
  } else if (result.isInt()) {
    value.tag = Int;
    value.integer = result.toInt();
  } else if (result.isDouble()) {
    value.tag = Double;
    value.real = result.toDouble();
  } else if (result.isTensorList()) {
    auto list = result.toTensorVector();
    value.tag = TensorList;
    value.length = static_cast<int32_t>(list.size());
    auto* handles = static_cast<Handle*>(std::malloc(sizeof(Handle) * (list.size() + 1)));
    if (handles == nullptr) throw std::bad_alloc();
    for (size_t i = 0; i < list.size(); ++i) handles[i] = release(std::move(list[i]));
    value.pointer = handles;
  } else if (!result.isNone()) {
    TORCH_CHECK(false, "an operator returned a ", result.tagKind(), ", which this library does not hand on");
  }
  return value;
}

// Calls may nest (a hook that calls an operator), so the spare stack is taken out while it is in use.
struct BorrowedStack {
  Stack stack;
  BorrowedStack() { stack.swap(spare_stack); }
  ~BorrowedStack() {
    stack.clear();
    stack.swap(spare_stack);
  }
};

}  // namespace

PSS const char* pss_error() { return error.c_str(); }

PSS void* pss_op(const char* name, const char* overload) {
  return guarded<void*>(nullptr, [&]() -> void* {
    auto op = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK(op.has_value(), "this libtorch has no operator ", name, ".", overload);
    return new c10::OperatorHandle(*op);
  });
}

// Returns the number of results, at most `capacity`, or -1.
PSS int pss_call(void* op, const Value* arguments, int count, Value* results, int capacity) {
  return guarded<int>(-1, [&] {
    BorrowedStack borrowed;
    auto& stack = borrowed.stack;
    for (int i = 0; i < count; ++i) stack.push_back(to_ivalue(arguments[i]));
    auto& handle = *static_cast<c10::OperatorHandle*>(op);
    const auto& formals = handle.schema().arguments();
    for (size_t i = count; i < formals.size(); ++i) {
      TORCH_CHECK(formals[i].default_value().has_value(), handle.schema().name(), " needs its argument ", formals[i].name());
      stack.push_back(*formals[i].default_value());
    }
    handle.callBoxed(stack);
    TORCH_CHECK(static_cast<int>(stack.size()) <= capacity, handle.schema().name(), " returned too many results");
    for (size_t i = 0; i < stack.size(); ++i) results[i] = to_value(std::move(stack[i]));
    return static_cast<int>(stack.size());
  });
}

PSS void pss_free(void* memory) { std::free(memory); }

// ---- tensors ----

PSS void pss_release(Handle handle) { guarded([&] { TensorPtr::reclaim(handle); }); }

PSS int pss_info(Handle handle, Info* info) {
  return guarded([&] {
    const auto device = handle->device();
    *info = {handle->dim(), handle->numel(), static_cast<int32_t>(c10::typeMetaToScalarType(handle->dtype())),
             static_cast<int32_t>(device.type()), device.index(), handle->is_contiguous()};
  });
}

PSS int pss_shape(Handle handle, int64_t* sizes, int64_t* strides) {
  return guarded([&] {
    const auto bytes = sizeof(int64_t) * static_cast<size_t>(handle->dim());
    if (sizes != nullptr) std::memcpy(sizes, handle->sizes().data(), bytes);
    if (strides != nullptr) std::memcpy(strides, handle->strides().data(), bytes);
  });
}

PSS void* pss_data(Handle handle) {
  return guarded<void*>(nullptr, [&] { return borrow(handle).data_ptr(); });
}

PSS Handle pss_from_blob(void* data, const int64_t* sizes, int dim, int dtype, void (*free)(void*), void* context) {
  return guarded<Handle>(nullptr, [&] {
    return release(at::from_blob(
        data, at::IntArrayRef(sizes, dim), [free, context](void*) { free(context); },
        at::TensorOptions(static_cast<at::ScalarType>(dtype))));
  });
}

// ---- autograd ----

PSS int pss_requires_grad(Handle handle) { return guarded<int>(-1, [&] { return borrow(handle).requires_grad() ? 1 : 0; }); }

PSS int pss_set_requires_grad(Handle handle, int value) { return guarded([&] { borrow(handle).set_requires_grad(value != 0); }); }

PSS int pss_is_leaf(Handle handle) { return guarded<int>(-1, [&] { return borrow(handle).is_leaf() ? 1 : 0; }); }

PSS int pss_retain_grad(Handle handle) { return guarded([&] { borrow(handle).retain_grad(); }); }

PSS int pss_grad(Handle handle, Handle* grad) {
  return guarded([&] { *grad = release(at::Tensor(borrow(handle).grad())); });
}

PSS int pss_set_grad(Handle handle, Handle grad) { return guarded([&] { borrow(handle).mutable_grad() = borrow(grad); }); }

PSS int pss_backward(Handle* roots, int count, Handle* gradients, int gradient_count, int retain_graph, int create_graph, Handle* inputs,
                     int input_count) {
  return guarded([&] {
    torch::autograd::backward(borrow(roots, count), borrow(gradients, gradient_count), retain_graph != 0, create_graph != 0,
                              borrow(inputs, input_count));
  });
}

PSS int pss_gradients(Handle* outputs, int count, Handle* inputs, int input_count, Handle* gradients, int gradient_count, int retain_graph,
                      int create_graph, int allow_unused, Handle* results) {
  return guarded([&] {
    auto found = torch::autograd::grad(borrow(outputs, count), borrow(inputs, input_count), borrow(gradients, gradient_count),
                                       retain_graph != 0, create_graph != 0, allow_unused != 0);
    for (size_t i = 0; i < found.size(); ++i) results[i] = release(std::move(found[i]));
  });
}

PSS int pss_grad_enabled() { return c10::GradMode::is_enabled(); }

PSS void pss_set_grad_enabled(int value) { c10::GradMode::set_enabled(value != 0); }

PSS void* pss_enter_inference(int value) {
  return guarded<void*>(nullptr, [&] { return new c10::InferenceMode(value != 0); });
}

PSS void pss_leave_inference(void* mode) { delete static_cast<c10::InferenceMode*>(mode); }

PSS int pss_inference_enabled() { return c10::InferenceMode::is_enabled(); }

// ---- random numbers ----

PSS int pss_manual_seed(int64_t seed) { return guarded([&] { at::manual_seed(static_cast<uint64_t>(seed)); }); }

PSS void* pss_default_generator(int type, int index) {
  return guarded<void*>(nullptr, [&] { return new at::Generator(at::globalContext().defaultGenerator(device_of(type, index))); });
}

PSS void* pss_new_generator(uint64_t seed, int type, int index) {
  return guarded<void*>(nullptr, [&] {
    auto generator = at::globalContext().defaultGenerator(device_of(type, index)).clone();
    generator.set_current_seed(seed);
    return new at::Generator(generator);
  });
}

PSS void pss_release_generator(void* generator) { delete static_cast<at::Generator*>(generator); }

PSS int pss_generator_seed(void* generator, int64_t* seed, int set) {
  return guarded([&] {
    auto& self = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(self.mutex());
    if (set)
      self.set_current_seed(static_cast<uint64_t>(*seed));
    else
      *seed = static_cast<int64_t>(self.current_seed());
  });
}

PSS int pss_generator_state(void* generator, Handle* state, int set) {
  return guarded([&] {
    auto& self = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(self.mutex());
    if (set)
      self.set_state(borrow(*state));
    else
      *state = release(self.get_state());
  });
}

// ---- threads and devices ----

PSS int pss_set_num_threads(int count) { return guarded([&] { at::set_num_threads(count); }); }

PSS int pss_get_num_threads() { return guarded<int>(-1, [] { return at::get_num_threads(); }); }

PSS int pss_set_deterministic(int value, int warn_only) {
  return guarded([&] { at::globalContext().setDeterministicAlgorithms(value != 0, warn_only != 0); });
}

PSS int pss_is_deterministic() { return at::globalContext().deterministicAlgorithms(); }

PSS int pss_cuda_device_count() {
  return guarded<int>(-1, [] {
    if (!at::hasCUDA() || !c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA)) return 0;
    return static_cast<int>(c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).deviceCount());
  });
}
