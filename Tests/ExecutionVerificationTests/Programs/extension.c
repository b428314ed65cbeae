// A module for Python: calls back into it, fails, and lets other threads run meanwhile.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <time.h>

static PyObject *apply(PyObject *self, PyObject *arguments) {
  (void)self;
  PyObject *function;
  long value;
  if (!PyArg_ParseTuple(arguments, "Ol", &function, &value))
    return NULL;
  return PyObject_CallFunction(function, "l", value + 1);
}

static PyObject *wait_a_moment(PyObject *self, PyObject *arguments) {
  (void)self, (void)arguments;
  struct timespec moment = {.tv_nsec = 1000000};
  Py_BEGIN_ALLOW_THREADS;
  nanosleep(&moment, NULL);
  Py_END_ALLOW_THREADS;
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"apply", apply, METH_VARARGS, NULL},
                                {"wait_a_moment", wait_a_moment, METH_NOARGS, NULL},
                                {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "extension", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_extension(void) { return PyModule_Create(&module); }
